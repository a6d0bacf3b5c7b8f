import type { Camera, CameraAdd, UsbCamera, UsbCameraList } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';

/** Milliseconds: one that is plugged in while somebody looks appears. */
const LOOK = 3_000;

/** Cameras at the box's own USB. None joins by itself, as those of the network do: what a box looks at is up to a person. */
export function UsbCameras() {
  const t = texts('cameras');
  const reading = useRead<UsbCameraList>('/api/usb-cameras', { every: LOOK, when: [changes.cameras] });
  const cameras = reading.value.value?.cameras ?? [];
  if (cameras.length === 0) return null;
  return (
    <section class="finder-usb">
      <h2>{t('usb')}</h2>
      <ul class="finder-added">
        {cameras.map((one) => (
          <PluggedIn key={one.url} plugged={one} onAdded={reading.again} />
        ))}
      </ul>
    </section>
  );
}

function PluggedIn({ plugged: { name, url, camera }, onAdded }: { plugged: UsbCamera; onAdded: () => void }) {
  const t = texts('cameras');
  const action = useAction();
  const add = async () => {
    const body: CameraAdd = { name, streams: [{ profile: 'main', rtsp_url: url }] };
    await action.send<Camera>('POST', '/api/cameras', body);
    onAdded();
  };
  return (
    <li class="finder-camera">
      {camera !== null && <CameraPicture camera={camera} alt={t('pictureOf', { name })} />}
      <div>
        <strong>{name}</strong>
      </div>
      {camera === null ? (
        <Button busy={action.busy} onClick={() => void add()} label={t('addName', { name })}>
          {t('add')}
        </Button>
      ) : (
        <span class="soft finder-known">{t('alreadyThere')}</span>
      )}
      {action.failure && <ErrorNote failure={action.failure} />}
    </li>
  );
}
