/** Recording by events, with the real daemon: what was before them, when it was, and who counts it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  Camera,
  CameraRecording,
  Recording,
  RecordingList,
  RecordingStatus,
  ServiceRecord,
} from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { probe, stampsIn } from './stampedVideo.ts';

const SIZE = { width: 640, height: 360 };

describe('recording by events', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let door: VirtualCamera;
  let daemon: Daemon;

  const list = async () => (await daemon.api<RecordingList>('GET', '/api/recordings?camera=door')).recordings;
  const status = async () =>
    (await daemon.api<RecordingStatus>('GET', '/api/recordings/status')).cameras.find(
      ({ camera }) => camera === 'door',
    );
  const marked = async () =>
    (await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras')).cameras[0]?.recording;
  const put = (door: CameraRecording) =>
    daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { stream: 'sub', ...door } } });
  const raise = (topic: string) => daemon.api('POST', '/api/alarms', { camera: 'door', topic });
  const media = ({ id }: Recording) => `${daemon.url}/api/recordings/${id}/media.mp4`;
  // Pictures that were late come one shortly after the other.
  const stamps = (recording: Recording) =>
    stampsIn(media(recording), SIZE, [], ['-enc_time_base', '1/90000']);

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Door', port: 0, fps: 15, gop: 2 }] });
    [door] = cameras.cameras as [VirtualCamera];
    daemon = await startDaemon();
    const streams = [{ profile: 'sub', rtsp_url: door.rtspUrl('sub') }];
    const { id, name, username, password } = door;
    await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });

  it('begins with what was before, at its true time, and ends a while after the last event', async () => {
    await put({ mode: 'event', event: { topics: ['person'], pre_seconds: 4, post_seconds: 3 } });
    await until('the camera’s pictures', async () => {
      const { streams } = await daemon.api<{ streams: { state: string }[] }>('GET', '/api/streams');
      return streams[0]?.state === 'live';
    });
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await raise('motion');
    assert.deepEqual([(await status())?.recording, (await status())?.mode], [false, 'event']);
    const raisedAt = Date.now() / 1000;
    await raise('person');
    assert.deepEqual([(await status())?.recording, (await status())?.reason], [true, 'event']);
    assert.equal(await marked(), true);
    const [recording] = await until('the end', async () => {
      const found = await list();
      return found[0] && !found[0].open && found;
    });
    assert.equal((await status())?.recording, false);
    assert.equal(await marked(), false);
    // A group of pictures has two seconds.
    const [early, late] = [raisedAt - recording!.from, recording!.to - raisedAt];
    assert.ok(early > 3.5 && early < 7, `it begins ${early} s before`);
    assert.ok(late > 2.5 && late < 6.5, `it ends ${late} s after`);

    const { packets } = await probe(media(recording!));
    const numbers = await stamps(recording!);
    assert.equal(numbers.length, packets.length);
    const clip = door.frames('sub') / door.fps;
    const errors = numbers.map((stamp, i) => {
      const sentAt = stamp === undefined ? undefined : door.sentAt('sub', stamp);
      const error = recording!.from + Number(packets[i]?.pts_time) - (sentAt ?? 0) / 1000;
      // The camera's clip is played in a loop, and may have begun again since.
      return error - Math.round(error / clip) * clip;
    });
    assert.ok(numbers.filter((stamp) => stamp !== undefined).length > 50);
    const worst = Math.max(...errors.map(Math.abs));
    const usual = errors.toSorted((a, b) => a - b)[errors.length >> 1] ?? 9;
    assert.ok(Math.abs(usual) < 0.25 && worst < 1, `${usual} s as a rule, ${worst} s at most`);
  });

  it('goes on where the last one ended, when the next event comes soon', async () => {
    const before = (await list()).length;
    await raise('person');
    await until('the first end', async () => (await list()).length > before && !(await status())?.recording);
    await raise('person');
    const found = await until('the second end', async () => {
      const all = await list();
      return all.length > before + 1 && !all.at(-1)?.open && all;
    });
    const [first, second] = found.slice(-2);
    const gap = second!.from - first!.to;
    assert.ok(Math.abs(gap) < 0.2, `${gap} s`);
    const numbers = (await stamps(first!)).concat(await stamps(second!));
    const doubles = numbers.filter((number, i) => number !== undefined && number === numbers[i - 1]);
    assert.ok(numbers.length > 60, `${numbers.length} pictures`);
    assert.deepEqual(doubles, [], 'nothing is written twice');
  });

  it('counts as wanting the camera, though nobody looks', async () => {
    const { days } = await daemon.api<ServiceRecord>('GET', '/api/cameras/door/record');
    const [today] = days;
    assert.ok((today?.wanted_seconds ?? 0) > 15, `${today?.wanted_seconds} s`);
    assert.ok((today?.live_seconds ?? 0) > 10, `${today?.live_seconds} s`);
    const { streams } = await daemon.api<{ streams: { keep_warm?: boolean }[] }>('GET', '/api/streams');
    assert.ok(!streams[0]?.keep_warm);
    await put({ mode: 'off' });
    await until('the stream is closed', async () => door.stats.sessions === 0);
  });
});
