/** The live socket of a real daemon, with cameras that number their pictures: what a viewer is sent, decoded by ffmpeg. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { StreamStatus } from '../../daemon/schema.ts';
import { LiveClient, type LivePart, readInit } from '../api/live/liveClient.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import {
  readFrameStamp,
  startVirtualCameras,
  type VirtualCamera,
  type VirtualCameras,
} from '../virtual-camera/index.ts';
import { look } from './mjpegViewer.ts';

let cameras: VirtualCameras;
let camera: VirtualCamera;
let daemon: Daemon;
let folder: string;
const clients: LiveClient[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-live-'));
  cameras = await startVirtualCameras({ cameras: [{ name: 'Door', auth: 'digest', port: 0 }] });
  [camera] = cameras.cameras as [VirtualCamera];
  daemon = await startDaemon({});
  const { id, name, username, password, rtspUrl } = camera;
  const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
  await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
after(async () => {
  await daemon?.stop();
  await cameras?.close();
  await rm(folder, { recursive: true, force: true });
});

async function connect(): Promise<LiveClient> {
  const client = new LiveClient(Number(new URL(daemon.url).port));
  clients.push(client);
  return client.opened();
}
const pictures = (client: LiveClient) => client.parts.filter(({ kind }) => kind !== 'init');

/** The numbers in the pictures, by ffmpeg. */
async function stampsIn(bytes: Buffer, format: 'mp4' | 'h264', size: { width: number; height: number }) {
  const file = join(folder, `viewed.${format}`);
  await writeFile(file, bytes);
  const { width, height } = size;
  const args = ['-v', 'error', '-f', format, '-i', file, '-fps_mode', 'passthrough'];
  const raw = execFileSync('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], {
    maxBuffer: 1 << 30,
  });
  return Array.from({ length: raw.length / (width * height) }, (_, i) =>
    readFrameStamp(raw.subarray(i * width * height, (i + 1) * width * height), width, height),
  );
}
/** The clip begins again after its last picture. */
const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (from + i) % camera.frames('sub'));

describe('the live socket', () => {
  it('sends the camera’s own video: every picture, each as it was, in an MP4 that is whole', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: `${camera.id}_sub`, formats: ['mp4', 'jpeg'] });
    await until('forty pictures', () => pictures(client).length >= 40);
    const [first, ...rest] = client.parts;
    assert.equal(first?.kind, 'init');
    const init = readInit(first?.payload ?? Buffer.alloc(0));
    const status = await daemon.api<StreamStatus>('GET', `/api/streams/${camera.id}_sub`);
    assert.equal(init.codec, status.codec_string);
    assert.deepEqual([init.width, init.height], [status.width, status.height]);
    assert.equal(status.video_viewers, 1);
    assert.deepEqual(status.renditions, [], 'nothing is decoded for it');

    const shown = rest.filter(({ kind }) => kind === 'mp4');
    assert.equal(shown[0]?.key, true);
    const mp4 = Buffer.concat([init.segment, ...shown.map(({ payload }) => payload)]);
    const stamps = await stampsIn(mp4, 'mp4', init);
    assert.deepEqual(stamps, numbers(stamps[0] ?? 0, shown.length));
    const probed = JSON.parse(
      execFileSync('ffprobe', ['-v', 'error', '-show_packets', '-of', 'json', join(folder, 'viewed.mp4')], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    ) as { packets: { dts_time: string }[] };
    const times = probed.packets.map(({ dts_time }) => Number(dts_time));
    assert.ok(
      times.every((time, i) => i === 0 || time > times[i - 1]!),
      'decoding times only go forward',
    );
  });

  it('begins with the current group of pictures at once, the newest of which is now', async () => {
    const warm = await connect();
    warm.say({ type: 'open', tile: 1, stream: `${camera.id}_sub`, formats: ['mp4'] });
    // Well within a group.
    await until('pictures behind a key picture', () => {
      const last = pictures(warm).findLastIndex(({ key }) => key);
      return last > 0 && pictures(warm).length - last > 5;
    });
    const client = await connect();
    client.say({ type: 'open', tile: 7, stream: `${camera.id}_sub`, formats: ['mp4'] });
    const now = await until('the newest picture', () => pictures(client).find(({ past }) => !past));
    const burst = pictures(client).slice(0, pictures(client).indexOf(now));
    assert.ok(burst.length >= 5, `${burst.length} of the past`);
    assert.deepEqual([burst[0]?.key, burst[0]?.past], [true, true]);
    assert.ok(burst.every(({ past }) => past));
    assert.ok(Date.now() - now.time < 1_000);
    const { connects } = await daemon.api<StreamStatus>('GET', `/api/streams/${camera.id}_sub`);
    assert.equal(camera.stats.sessions, 1, 'one session on the camera for both');
    assert.ok(connects >= 1);
  });

  it('sends access units for browsers that decode by WebCodecs', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: `${camera.id}_sub`, formats: ['annexb'] });
    await until('twenty pictures', () => pictures(client).length >= 20);
    const init = readInit(client.parts[0]?.payload ?? Buffer.alloc(0));
    assert.match(init.codec, /^avc1\./);
    assert.equal(init.segment.length, 0);
    const units = pictures(client);
    const stamps = await stampsIn(Buffer.concat(units.map(({ payload }) => payload)), 'h264', init);
    assert.deepEqual(stamps, numbers(stamps[0] ?? 0, units.length));
  });

  it('sends JPEGs of the size of the tile', async () => {
    const client = await connect();
    client.say({
      type: 'open',
      tile: 1,
      stream: `${camera.id}_sub`,
      formats: ['jpeg'],
      width: 320,
      height: 180,
    });
    const picture: LivePart = await until('a picture', () => pictures(client)[0]);
    const { width, stamp } = look(picture.payload);
    assert.equal(width, 320);
    assert.notEqual(stamp, undefined);
  });

  it('goes on in the same MP4 when the camera comes back, and says meanwhile that it is gone', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: `${camera.id}_sub`, formats: ['mp4'] });
    await until('pictures', () => pictures(client).length > 10);
    await camera.fault({ refuse: true });
    await until('it is gone', () => client.of('state').some(({ state }) => state === 'gone'));
    const before = pictures(client).length;
    await camera.clearFaults();
    await until('pictures again', () => pictures(client).length > before + 10);
    assert.equal(client.of('state').at(-1)?.state, 'live');
    assert.equal(client.of('tile').length, 1, 'the same feed');
    const inits = client.parts.filter(({ kind }) => kind === 'init').map(({ payload }) => readInit(payload));
    const mp4 = Buffer.concat([inits[0]!.segment, ...pictures(client).map(({ payload }) => payload)]);
    const stamps = await stampsIn(mp4, 'mp4', inits[0]!);
    assert.equal(stamps.length, pictures(client).length);
    assert.ok(!stamps.includes(undefined));
  });

  it('gives the camera’s session back a while after the last viewer', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: `${camera.id}_main`, formats: ['mp4'] });
    await until('pictures', () => pictures(client).length > 3);
    client.close();
    await until('it rests', async () => {
      const { state, video_viewers } = await daemon.api<StreamStatus>(
        'GET',
        `/api/streams/${camera.id}_main`,
      );
      return video_viewers === 0 && (state === 'paused' || state === 'idle');
    });
  });
});
