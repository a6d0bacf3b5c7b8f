/** What the daemon records, beside what the cameras sent: by ffprobe, and by the numbers in the pictures. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type {
  Camera,
  Recording,
  RecordingList,
  RecordingSettings,
  RecordingStatus,
} from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { probe, stampsIn } from './stampedVideo.ts';

const FPS = 15;

describe('recording', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let door: VirtualCamera;
  let stateDir: string;
  let daemon: Daemon;

  const list = async (query = '') =>
    (await daemon.api<RecordingList>('GET', `/api/recordings${query}`)).recordings;
  const status = () => daemon.api<RecordingStatus>('GET', '/api/recordings/status');
  const put = (settings: RecordingSettings) =>
    daemon.api<RecordingSettings>('PUT', '/api/recordings/settings', settings);
  const media = ({ id }: Recording) => `${daemon.url}/api/recordings/${id}/media.mp4`;
  const seconds = ({ from, to }: Recording) => to - from;

  /** The numbers in its pictures. Nothing here may block: this very process plays the cameras. */
  const stamps = (url: string) =>
    // Pictures that were late come one shortly after the other.
    stampsIn(url, { width: 640, height: 360 }, [], ['-enc_time_base', '1/90000']);
  const follow = (numbers: (number | undefined)[]) => {
    const count = door.frames('sub');
    for (const [i, number] of numbers.entries())
      if (i > 0)
        assert.equal(number, ((numbers[i - 1] ?? 0) + 1) % count, `picture ${i} of ${numbers.length}`);
  };

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-recording-'));
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Door', auth: 'digest', port: 0, fps: FPS, gop: 2 },
        { name: 'Yard', port: 0, fps: FPS },
      ],
    });
    [door] = cameras.cameras as [VirtualCamera];
    daemon = await startDaemon({ stateDir });
    for (const { id, name, username, password, rtspUrl } of cameras.cameras) {
      const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
      await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
    }
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('records nothing before somebody says so', async () => {
    assert.deepEqual(await daemon.api('GET', '/api/recordings/settings'), { cameras: {} });
    assert.deepEqual(await list(), []);
    assert.equal((await status()).problem, null);
  });

  it('refuses cameras that are not there and folders that cannot be used, and changes nothing', async () => {
    for (const [settings, code] of [
      [{ cameras: { attic: { mode: 'always' } } }, 'unknown_camera'],
      [{ cameras: {}, folder: '/proc/recordings' }, 'folder_unusable'],
      [{ cameras: {}, folder: 'relative' }, 'invalid'],
      [{ cameras: { door: { mode: 'sometimes' } } }, 'invalid'],
    ] as const)
      await assert.rejects(
        put(settings as never),
        (error: Error) =>
          error.message.includes('400') && (code === 'invalid' || error.message.includes(code)),
      );
    assert.deepEqual(await daemon.api('GET', '/api/recordings/settings'), { cameras: {} });
  });

  it('writes the camera’s own video: its codec, size and rate, every picture', async () => {
    await put({ cameras: { door: { mode: 'always', stream: 'sub' } } });
    const marked = await until('the camera’s mark', async () => {
      const { cameras } = await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras');
      return cameras.find(({ id }) => id === 'door')?.recording;
    });
    assert.equal(marked, true);
    const [open] = await until('six seconds', async () => {
      const found = await list('?camera=door');
      return found[0] && seconds(found[0]) > 6 && found;
    });
    assert.ok(open?.open);
    assert.deepEqual([open.codec, open.width, open.height], ['h264', 640, 360]);
    assert.ok(Math.abs(open.to - Date.now() / 1000) < 3);
    // While it is being written.
    const { streams, packets } = await probe(media(open));
    const [video] = streams;
    assert.deepEqual([video?.codec_name, video?.width, video?.height], ['h264', 640, 360]);
    const span = Number(packets.at(-1)?.pts_time) - Number(packets[0]?.pts_time);
    const rate = (packets.length - 1) / span;
    assert.ok(Math.abs(rate - FPS) < 0.2, `${rate} a second`);
    const numbers = await stamps(media(open));
    assert.ok(numbers.length > 5 * FPS);
    follow(numbers);
  });

  it('is given out in ranges, so that players can jump', async () => {
    const [recording] = await list();
    const response = await fetch(media(recording!), { headers: { range: 'bytes=4-7' } });
    assert.equal(response.status, 206);
    assert.equal(response.headers.get('content-type'), 'video/mp4');
    assert.equal(await response.text(), 'ftyp');
    await assert.rejects(daemon.api('GET', '/api/recordings/999999'), /recording_not_found/);
    await assert.rejects(daemon.api('DELETE', `/api/recordings/${recording!.id}`), /recording_open/);
  });

  it('is whole up to its last second after kill -9, and goes on in the next file', async () => {
    const [before] = await list();
    const killedAt = Date.now() / 1000;
    await daemon.kill();
    daemon = await startDaemon({ stateDir });
    const after = await until('the next file', async () => {
      const found = await list('?camera=door');
      return found.length > 1 && seconds(found[1]!) > 2 && found;
    });
    const [first, second] = after;
    assert.equal(first?.id, before?.id);
    assert.equal(first?.open, false);
    assert.ok(killedAt - first!.to < 2.5, `${killedAt - first!.to} s are missing`);
    const numbers = await stamps(media(first!));
    follow(numbers);
    assert.ok(Math.abs(numbers.length / FPS - seconds(first!)) < 0.5);
    follow(await stamps(media(second!)));
  });

  it('is found again, all of it, when the index is lost or damaged', async () => {
    await daemon.stop();
    const indexes = join(stateDir, 'recording-indexes');
    const [name = ''] = (await readdir(indexes)).filter((one) => one.endsWith('.sqlite'));
    const file = join(indexes, name);
    await writeFile(
      file,
      'this is no database, but it is long enough to be taken for one at first sight'.repeat(20),
    );
    daemon = await startDaemon({ stateDir });
    const found = await until('the recordings', async () => {
      const all = await list('?camera=door');
      return all.length >= 2 && all;
    });
    assert.ok(found.every(({ open }, i) => i === found.length - 1 || !open));
    follow(await stamps(media(found[0]!)));
    assert.ok(daemon.log.some((line) => line.includes('recordings were found')));
  });

  it('is started and ended by hand', async () => {
    await put({ cameras: { yard: { mode: 'manual', stream: 'sub' } } });
    assert.equal((await status()).cameras[0]?.recording, false);
    await assert.rejects(daemon.api('POST', '/api/recordings/cameras/door/start'), /recording_off/);
    await daemon.api('POST', '/api/recordings/cameras/yard/start');
    const [open] = await until('three seconds', async () => {
      const found = await list('?camera=yard');
      return found[0] && seconds(found[0]) > 3 && found;
    });
    await daemon.api('POST', '/api/recordings/cameras/yard/stop');
    const [closed] = await list('?camera=yard');
    assert.equal(closed?.open, false);
    assert.ok(seconds(closed!) >= seconds(open!));
    const numbers = await stamps(media(closed!));
    assert.ok(numbers.length >= 3 * FPS);
  });

  it('is protected and deleted by hand', async () => {
    const [first, ...rest] = await list('?camera=door');
    const kept = await daemon.api<Recording>('PATCH', `/api/recordings/${first!.id}`, { protected: true });
    assert.equal(kept.protected, true);
    for (const { id } of rest) await daemon.api('DELETE', `/api/recordings/${id}`);
    assert.deepEqual(
      (await list('?camera=door')).map(({ id }) => id),
      [first!.id],
    );
    assert.equal((await fetch(media(rest[0]!))).status, 404);
  });

  it('asks for a time get what has something of it', async () => {
    const [first] = await list('?camera=door');
    const middle = (first!.from + first!.to) / 2;
    assert.equal((await list(`?camera=door&from=${middle}&to=${middle + 0.1}`)).length, 1);
    assert.equal((await list(`?camera=door&to=${first!.from - 1}`)).length, 0);
    assert.equal((await list(`?camera=door&from=${first!.to + 1}`)).length, 0);
  });
});
