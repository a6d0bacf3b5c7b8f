import './recording.css';
import '../wall/wallPage.css';
import { useState } from 'preact/hooks';
import type { Camera, RecordingSettings, RecordingStatus } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { ConflictNote } from '../layouts/ConflictNote.tsx';
import { UnsavedGuard } from '../layouts/UnsavedGuard.tsx';
import { useMine } from '../layouts/useMine.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { CameraList } from './CameraList.tsx';
import { isValid, sameSettings } from './draft.ts';
import { KeepPart } from './KeepPart.tsx';
import { StatusPart } from './StatusPart.tsx';

const PATH = '/api/recordings/settings';
/** Milliseconds. */
const SETTINGS_EVERY = 15_000;
const STATUS_EVERY = 2_000;
/** The box walks through the folder first. */
const SLOW = 30_000;

/** Which cameras are recorded when, how long it is kept, and whether it works. */
export function RecordingPage() {
  const t = texts('recording');
  const c = texts('common');
  const reading = useRead<RecordingSettings>(PATH, { every: SETTINGS_EVERY });
  const list = useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] });
  const status = useRead<RecordingStatus>('/api/recordings/status', { every: STATUS_EVERY });
  const action = useAction();
  const [settings, setSettings] = useState<RecordingSettings>();
  const saved = reading.value.value;
  const mine = useMine<RecordingSettings>({
    theirs: saved,
    mine: settings,
    same: sameSettings,
    adopt: setSettings,
  });
  const cameras = list.value.value?.cameras;
  const failure = reading.failure.value ?? list.failure.value;
  if (!settings || !cameras)
    return (
      <section class="page">
        <h1>{t('title')}</h1>
        {failure ? <ErrorNote failure={failure} /> : <Waiting />}
      </section>
    );
  const save = async () => {
    mine.sending(settings);
    const answer = await action.send<RecordingSettings>('PUT', PATH, settings, { timeout: SLOW });
    if (!answer.ok) return;
    mine.saved(settings);
    reading.again();
    status.again();
    toast(c('saved'));
  };
  return (
    <section class="page recording">
      <div class="page-head">
        <h1>{t('title')}</h1>
        <a class="button" href="/playback" target="_blank" rel="noreferrer">
          <Icon name="playback" />
          {t('openPlayback')}
        </a>
      </div>
      {cameras.length === 0 ? (
        <section class="card recording-empty">
          <Icon name="cameras" />
          <h2>{t('emptyTitle')}</h2>
          <p class="soft">{t('emptyText')}</p>
          <a class="button primary" href="/admin/cameras/add">
            {t('addCameras')}
          </a>
        </section>
      ) : (
        <>
          <StatusPart status={status.value.value} failure={status.failure.value} />
          <ConflictNote mine={mine} text={t('conflict')} />
          <CameraList
            cameras={cameras}
            settings={settings}
            saved={saved}
            status={status.value.value}
            onInput={setSettings}
            onActed={status.again}
          />
          <KeepPart settings={settings} folder={status.value.value?.folder} onInput={setSettings} />
          {(mine.unsaved || action.failure) && (
            <div class="wall-save">
              {action.failure && <ErrorNote failure={action.failure} />}
              {isValid(settings) ? (
                <span>{c('unsaved')}</span>
              ) : (
                <span class="fault" role="alert">
                  {t('notComplete')}
                </span>
              )}
              <Button onClick={() => setSettings(saved)}>{c('discard')}</Button>
              <Button
                kind="primary"
                busy={action.busy}
                disabled={!isValid(settings)}
                onClick={() => void save()}
              >
                {c('save')}
              </Button>
            </div>
          )}
        </>
      )}
      <UnsavedGuard unsaved={mine.unsaved} />
    </section>
  );
}
