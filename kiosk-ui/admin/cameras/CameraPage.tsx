import './cameras.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import type { Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { StatePill } from '../../parts/StatePill.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes, streams } from '../live.ts';
import { useRead } from '../read.ts';
import { AdvicePart } from './AdvicePart.tsx';
import { CameraForm } from './CameraForm.tsx';
import { cameraState } from './cameraState.ts';
import { LivePicture } from './LivePicture.tsx';
import { PtzPad } from './PtzPad.tsx';
import { RebootButton } from './RebootButton.tsx';
import { RecordPart } from './RecordPart.tsx';
import { StreamsPart } from './StreamsPart.tsx';

/** Everything about one camera. */
export function CameraPage() {
  const t = texts('cameras');
  const c = texts('common');
  const { params } = useRoute();
  const { route } = useLocation();
  const id = params.id ?? '';
  const path = `/api/cameras/${encodeURIComponent(id)}`;
  const reading = useRead<Camera>(path, { when: [changes.cameras] });
  const camera = reading.value.value;
  const [removing, setRemoving] = useState(false);
  const removal = useAction();
  if (!camera)
    return (
      <section class="page">
        {reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : <Waiting />}
      </section>
    );
  const state = cameraState(camera, streams.value);
  const messages = new Set(
    camera.streams.flatMap(({ name }) => {
      const now = streams.value.get(name);
      return now?.message && now.state !== 'live' && now.state !== 'idle' ? [now.message] : [];
    }),
  );
  const remove = async () => {
    const answer = await removal.send('DELETE', path);
    if (!answer.ok) return;
    toast(t('removedName', { name: camera.name }));
    route('/admin/cameras');
  };
  return (
    <section class="page">
      <div class="page-head">
        <div>
          <a class="cameras-back" href="/admin/cameras">
            <Icon name="back" />
            {c('cameras')}
          </a>
          <h1>{camera.name}</h1>
          <p>
            <StatePill state={state} />{' '}
            <span class="soft">
              {[camera.manufacturer, camera.model, camera.firmware].filter(Boolean).join(' · ')}
            </span>
          </p>
        </div>
      </div>
      {[...messages].map((message) => (
        <p key={message} class="note warning">
          {message}
        </p>
      ))}
      <div class="cameras-page">
        <div class="cameras-main">
          <LivePicture camera={camera} />
          {camera.ptz && <PtzPad camera={camera.id} />}
          <AdvicePart camera={camera} />
          <RecordPart camera={camera.id} />
        </div>
        <div class="cameras-side">
          <CameraForm key={camera.id} camera={camera} />
          <StreamsPart camera={camera} />
          {camera.address !== null && <RebootButton camera={camera} />}
          <Button kind="danger" onClick={() => setRemoving(true)}>
            <Icon name="remove" />
            {t('removeCamera')}
          </Button>
        </div>
      </div>
      {removing && (
        <Dialog
          title={t('removeTitle', { name: camera.name })}
          onClose={() => setRemoving(false)}
          actions={
            <>
              <Button onClick={() => setRemoving(false)}>{c('cancel')}</Button>
              <Button kind="danger" busy={removal.busy} onClick={() => void remove()}>
                {t('removeCamera')}
              </Button>
            </>
          }
        >
          <p>{t('removeText')}</p>
          {removal.failure && <ErrorNote failure={removal.failure} />}
        </Dialog>
      )}
    </section>
  );
}
