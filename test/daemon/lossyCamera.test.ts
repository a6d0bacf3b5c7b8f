/** A camera by UDP over a network that loses, delays and mixes up its packets. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingList, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';
import { stampsIn } from './stampedVideo.ts';

/** Pictures. */
const GOP = 15;
const SIZE = { width: 640, height: 360 };

describe('a camera by UDP over a bad network', { timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let camera: VirtualCamera;
  let daemon: Daemon;
  let viewer: MjpegViewer;
  let stateDir: string;
  const stream = () => daemon.api<StreamStatus>('GET', '/api/streams/door_main');

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Door', id: 'door', gop: 1 }] });
    camera = cameras.cameras[0]!;
  });
  after(() => cameras?.close());
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-lossy-'));
    daemon = await startDaemon({ stateDir });
    const { username, password } = camera;
    const streams = [{ profile: 'main', rtsp_url: camera.rtspUrl('sub'), transport: 'udp' }];
    await daemon.api('POST', '/api/cameras', { id: 'door', name: 'Door', username, password, streams });
  });
  afterEach(async () => {
    viewer?.close();
    await camera.clearFaults();
    await daemon?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** How many pictures on. They are numbered around a clip. */
  function follows(before: number | undefined, after: number | undefined): number {
    assert.ok(before !== undefined && after !== undefined, `${before}, ${after}`);
    const frames = camera.frames('sub');
    return (after - before + frames) % frames;
  }

  async function play(): Promise<void> {
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/door_main/mjpeg`);
    await daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { mode: 'always' } } });
    await until('it plays', () => viewer.pictures > 10);
    assert.equal((await stream()).transport_in_use, 'udp');
  }

  /** Numbers in all pictures that were recorded. @throws Error with ffmpeg's words where one of them is broken */
  async function recorded(): Promise<(number | undefined)[]> {
    await daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { mode: 'off' } } });
    const { recordings } = await daemon.api<RecordingList>('GET', '/api/recordings');
    const ordered = recordings.toSorted((a, b) => a.from - b.from);
    const stamps: (number | undefined)[] = [];
    for (const { id } of ordered)
      stamps.push(...(await stampsIn(`${daemon.url}/api/recordings/${id}/media.mp4`, SIZE)));
    return stamps;
  }

  it('with 30 ms of jitter and packets out of order nothing is lost, nothing is broken', async () => {
    await play();
    await camera.fault({ udpJitter: 30, udpReorder: 0.05 });
    await sleep(8_000);
    const { state, packets_reordered, frames_dropped, transport_in_use } = await stream();
    assert.deepEqual([state, transport_in_use], ['live', 'udp']);
    assert.ok(packets_reordered > 20, `${packets_reordered} out of order`);
    assert.equal(frames_dropped, 0);
    const stamps = await recorded();
    assert.ok(stamps.length > 100);
    assert.ok(
      stamps.every((stamp, i) => i === 0 || follows(stamps[i - 1], stamp) === 1),
      stamps.join(),
    );
  });

  it('what comes broken is left out up to the next key picture, and then it comes by TCP', async () => {
    await play();
    await camera.fault({ udpLoss: 0.05, udpReorder: 0.05, udpJitter: 30 });
    const before = viewer.pictures;
    const changed = await until('it comes by TCP', async () => {
      const now = await stream();
      return now.transport_in_use === 'tcp' && now.state === 'live' && now;
    });
    assert.ok(changed.packets_lost > 10 && changed.frames_dropped > 0);
    assert.ok(viewer.pictures > before, 'some came meanwhile');
    const then = viewer.pictures;
    await until('all of them come', () => viewer.pictures > then + 3 * GOP);
    const stamps = await recorded();
    // None is unreadable, none comes twice or too early; what is missing are ends of groups of pictures.
    assert.ok(!stamps.includes(undefined), stamps.join());
    const steps = stamps.slice(1).map((stamp, i) => follows(stamps[i], stamp));
    assert.ok(
      steps.every((step) => step >= 1),
      stamps.join(),
    );
    assert.ok(
      steps.some((step) => step > 1),
      'something was missing',
    );
    assert.deepEqual(steps.slice(-2 * GOP), Array(2 * GOP).fill(1));

    // The next daemon need not find out again.
    await daemon.kill();
    daemon = await startDaemon({ stateDir });
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/door_main/mjpeg`);
    await until('it plays again', () => viewer.pictures > 3);
    const { transport_in_use, connects } = await stream();
    assert.deepEqual([transport_in_use, connects], ['tcp', 1]);
    // Whoever chooses another one, and this one again, is obeyed.
    await camera.clearFaults();
    const { username, password } = camera;
    for (const transport of ['tcp', 'udp']) {
      const said = { name: 'door_main', rtsp_url: camera.rtspUrl('sub'), username, password, transport };
      await daemon.api('POST', '/api/config/streams', { streams: [said] });
    }
    await until('it comes by UDP', async () => (await stream()).transport_in_use === 'udp');
  });

  it('where TCP is refused it goes on by UDP, whole pictures only', async () => {
    await play();
    await camera.fault({ udpLoss: 0.02, tcp: 'refused' });
    const { connects } = await stream();
    await until('TCP was tried', async () => (await stream()).connects > connects);
    const then = viewer.pictures;
    await until('more pictures', () => viewer.pictures > then + 3 * GOP);
    // It is not tried again and again.
    const since = (await stream()).connects;
    await sleep(13_000);
    const { state, transport_in_use, connects: now, degraded } = await stream();
    assert.deepEqual([state, transport_in_use, now], ['live', 'udp', since]);
    assert.ok(
      degraded && degraded.packets_lost > 0.01 && degraded.packets_lost < 0.05,
      JSON.stringify(degraded),
    );
    await camera.clearFaults();
    await until('it is well again', async () => (await stream()).degraded === null);
    assert.ok(!(await recorded()).includes(undefined));
  });
});
