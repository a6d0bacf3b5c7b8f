import './finder.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Camera, DiscoveredDevice, Discovery, DiscoveryStart } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { AddByHand } from './AddByHand.tsx';
import { deviceName, sorted } from './finding.ts';
import { LockedCameras } from './LockedCameras.tsx';
import { OtherNetworks } from './OtherNetworks.tsx';
import { UsbCameras } from './UsbCameras.tsx';

/** Seconds to listen; cameras that are slow to answer need five. */
const SECONDS = 8;
/** Milliseconds between two looks while something is going on. */
const LOOK = 600;

/** Searches the network and lets cameras join as they answer. Begins by itself when it appears. */
export function Finder() {
  const t = texts('cameras');
  const c = texts('common');
  const start = useAction();
  const [looking, setLooking] = useState(true);
  const reading = useRead<Discovery>('/api/discovery', looking ? { every: LOOK } : {});
  const cameras = useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] });
  const discovery = reading.value.value;
  const look = () => {
    setLooking(true);
    reading.again();
  };
  const search = async () => {
    const body: DiscoveryStart = { adopt: true, seconds: SECONDS };
    await start.send<Discovery>('POST', '/api/discovery', body);
    look();
  };
  useEffect(() => {
    void search();
  }, []);
  const found = sorted(discovery ?? { devices: [] });
  const going = discovery?.running === true || found.asking.some(({ adoption }) => adoption === 'asking');
  useEffect(() => {
    if (discovery && discovery.started !== null && !going) setLooking(false);
  }, [discovery, going]);
  // Cameras that were there before must not be one careless tap away from being deleted.
  const before = useRef<ReadonlySet<string> | undefined>(undefined);
  if (cameras.value.value && !before.current)
    before.current = new Set(cameras.value.value.cameras.map(({ id }) => id));
  const names = new Map(cameras.value.value?.cameras.map(({ id, name }) => [id, name]));
  // By camera: an NVR’s channels answer as one device, and one device may answer twice.
  const added = [...new Map(found.added.map((device) => [device.camera ?? device.id, device])).values()];
  return (
    <div class="finder">
      {start.failure && <ErrorNote failure={start.failure} />}
      {discovery?.problems.map((problem) => (
        <ErrorNote key={problem} message={problem} />
      ))}
      <div class="finder-status">
        {going || !discovery ? (
          <Progress label={t('searching', { count: found.added.length })} />
        ) : (
          <p role="status">{t('searched', { count: added.length })}</p>
        )}
        <Button kind="quiet" disabled={going || start.busy} onClick={() => void search()}>
          <Icon name="refresh" />
          {t('searchAgain')}
        </Button>
      </div>
      {found.locked.map((group) => (
        <LockedCameras key={group.make ?? ''} group={group} onTried={() => setLooking(true)} />
      ))}
      {added.length > 0 && (
        <ul class="finder-added">
          {added.map((device) => (
            <Added
              key={device.id}
              device={device}
              name={names.get(device.camera ?? '') ?? deviceName(device)}
              known={before.current?.has(device.camera ?? '') ?? true}
              onRemoved={reading.again}
            />
          ))}
        </ul>
      )}
      {found.asking.length > 0 && going && (
        <ul class="finder-others">
          {found.asking.map((device) => (
            <li key={device.id}>
              <span class="spinner" aria-hidden="true" />
              <span>{deviceName(device)}</span>
              <span class="soft">{device.address}</span>
            </li>
          ))}
        </ul>
      )}
      {found.failed.length > 0 && (
        <details class="finder-failed">
          <summary>{t('failedDevices', { count: found.failed.length })}</summary>
          <ul class="finder-others">
            {found.failed.map((device) => (
              <li key={device.id}>
                <span>{deviceName(device)}</span>
                <span class="soft">{device.address}</span>
                <span>{device.onvif_error?.message ?? c('unknown')}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {discovery && !going && found.added.length === 0 && found.locked.length === 0 && (
        <p class="note">{t('nothingFound')}</p>
      )}
      <UsbCameras />
      <OtherNetworks seconds={SECONDS} searching={going || start.busy} onSearch={look} />
      <AddByHand />
    </div>
  );
}

function Added({
  device,
  name,
  known,
  onRemoved,
}: {
  device: DiscoveredDevice;
  name: string;
  known: boolean;
  onRemoved: () => void;
}) {
  const t = texts('cameras');
  const action = useAction();
  const camera = device.camera;
  if (camera === null) return null;
  const leaveOut = async () => {
    await action.send('DELETE', `/api/cameras/${camera}`);
    onRemoved();
  };
  return (
    <li class="finder-camera">
      <CameraPicture camera={camera} alt={t('pictureOf', { name })} />
      <div>
        <strong>{name}</strong>
        <span class="soft">
          {[device.manufacturer ?? device.make, device.address].filter(Boolean).join(' · ')}
        </span>
      </div>
      {known ? (
        <span class="soft finder-known">{t('alreadyThere')}</span>
      ) : (
        <Button
          kind="quiet"
          busy={action.busy}
          onClick={() => void leaveOut()}
          label={t('leaveOutName', { name })}
        >
          {t('leaveOut')}
        </Button>
      )}
      {action.failure && <ErrorNote failure={action.failure} />}
    </li>
  );
}
