import type {
  Camera,
  StreamCertificate,
  StreamDegradation,
  StreamStatus,
  System,
} from '../../../daemon/schema.ts';
import { number } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { StatePill } from '../../parts/StatePill.tsx';
import { useAction } from '../act.ts';
import { streams } from '../live.ts';
import { useRead } from '../read.ts';

/** Milliseconds. */
const EVERY = 3_000;

export function StreamsPart({ camera }: { camera: Camera }) {
  const t = texts('cameras');
  const port = useRead<System>('/api/system').value.value?.rtsp_port ?? null;
  return (
    <section class="card">
      <h2>{t('streams')}</h2>
      <ul class="cameras-streams">
        {camera.streams.map(({ name }) => (
          <Stream key={name} name={name} rtspPort={port} />
        ))}
      </ul>
      {port !== null && <p class="hint">{t('offeredHint')}</p>}
    </section>
  );
}

/** @param rtspPort of the box, where it offers its streams again; null: nowhere */
function Stream({ name, rtspPort }: { name: string; rtspPort: number | null }) {
  const t = texts('cameras');
  const path = `/api/streams/${encodeURIComponent(name)}`;
  const reading = useRead<StreamStatus>(path, { every: EVERY });
  const action = useAction();
  const stream = reading.value.value;
  if (!stream) return <li>{reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : name}</li>;
  const state = streams.value.get(name)?.state ?? stream.state;
  const turn = async () => {
    await action.send('POST', `${path}/${stream.enabled ? 'stop' : 'start'}`);
    reading.again();
  };
  const size = stream.width === null ? undefined : `${stream.width}×${stream.height}`;
  const fps = stream.fps === null ? undefined : t('fps', { fps: number(stream.fps, 1) });
  const gop =
    stream.key_frame_interval === null
      ? undefined
      : t('keyEvery', { seconds: number(stream.key_frame_interval, 1) });
  return (
    <li>
      <div class="cameras-stream-head">
        <strong>{stream.profile}</strong>
        <StatePill state={state} />
      </div>
      <p>{[stream.codec, size, fps, gop, stream.transport_in_use].filter(Boolean).join(' · ')}</p>
      <p class="soft cameras-url">{stream.rtsp_url}</p>
      {rtspPort !== null && (
        <Offered address={`rtsp://${location.hostname}:${rtspPort}${stream.rtsp_path}`} />
      )}
      {stream.degraded && <Degraded {...stream.degraded} />}
      {stream.packets_lost > 0 && <p class="soft">{t('lost', { count: stream.packets_lost })}</p>}
      {stream.last_error?.code === 'certificate' && <OtherCertificate path={path} trusted={reading.again} />}
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button busy={action.busy} onClick={() => void turn()}>
        {stream.enabled ? t('switchOff') : t('switchOn')}
      </Button>
    </li>
  );
}

/** It is live, but not as it should be. */
function Degraded({ packets_lost, pictures_lost }: StreamDegradation) {
  const t = texts('cameras');
  const percent = (share: number) => number(share * 100, 1);
  const lost =
    packets_lost > 0
      ? t('degradedPackets', { percent: percent(packets_lost) })
      : t('degradedPictures', { percent: percent(pictures_lost) });
  return (
    <p class="note warning">
      <Icon name="warning" />
      <span>{lost}</span>
    </p>
  );
}

/** For recorders, players and other walls, which then take no session of the camera's. */
function Offered({ address }: { address: string }) {
  const t = texts('cameras');
  return (
    <div class="cameras-offered">
      <p class="cameras-url">
        <span class="soft">{t('offered')}</span> {address}
      </p>
      <CopyButton kind="quiet" text={address} label={t('copyAddress', { address })} />
    </div>
  );
}

/** The camera shows another certificate than the one that it is known by: reset, exchanged, or somebody sits in between. */
function OtherCertificate({ path, trusted }: { path: string; trusted: () => void }) {
  const t = texts('cameras');
  const reading = useRead<StreamCertificate>(`${path}/certificate`);
  const action = useAction();
  const offered = reading.value.value?.offered;
  if (!offered) return null;
  const trust = async () => {
    await action.send('PUT', `${path}/certificate`, { trusted: offered });
    trusted();
  };
  return (
    <div class="note warning cameras-certificate">
      <p>{t('otherCertificate')}</p>
      <p class="cameras-url">{t('fingerprint', { sha256: offered })}</p>
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button busy={action.busy} onClick={() => void trust()}>
        {t('trustCertificate')}
      </Button>
    </div>
  );
}
