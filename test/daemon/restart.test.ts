/** How the daemon ends, by force and by request, and what it knows when it starts again. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Camera, Layout, StreamList, StreamStatus, Wall } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { backSoon } from './backSoon.ts';
import { MjpegViewer, stuckViewer } from './mjpegViewer.ts';
import { descendants, ffmpegsUnder, survivors } from './processes.ts';

/** systemd’s TimeoutStopSec, milliseconds. */
const STOP_WITHIN = 5_000;

describe('the daemon’s end', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let dock: VirtualCamera;
  let attic: VirtualCamera;
  let cellar: VirtualCamera;
  let stateDir: string;
  let daemon: Daemon;
  let before9: Awaited<ReturnType<typeof known>>;

  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const mjpeg = (name: string) => `${daemon.url}/api/streams/${name}/mjpeg?width=320`;
  const live = (name: string) => until(`${name} is live`, async () => (await status(name)).state === 'live');

  /** Everything that is told of cameras, streams, layouts and wall, but for what changes by the second. */
  async function known() {
    const { cameras } = await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras');
    const { streams } = await daemon.api<StreamList>('GET', '/api/streams');
    const details = await Promise.all(streams.map(({ name }) => status(name)));
    return {
      cameras: cameras.map((camera) => ({
        ...camera,
        streams: camera.streams.map(({ state, fps, ...stream }) => stream),
      })),
      streams: details.map(({ name, camera, profile, rtsp_url, enabled, keep_warm, transport, codec }) => ({
        ...{ name, camera, profile, rtsp_url, enabled, keep_warm, transport, codec },
      })),
      layouts: await daemon.api<{ layouts: Layout[] }>('GET', '/api/layouts'),
      wall: await daemon.api<Wall>('GET', '/api/wall'),
    };
  }

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-restart-'));
    cameras = await startVirtualCameras({
      cameras: ['Dock', 'Attic', 'Cellar'].map((name) => ({ name, auth: 'digest', port: 0 })),
    });
    [dock, attic, cellar] = cameras.cameras as [VirtualCamera, VirtualCamera, VirtualCamera];
    daemon = await startDaemon({ stateDir });
    for (const { id, name, username, password, rtspUrl } of [dock, cellar]) {
      const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
      await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
    }
    const { username, password } = attic;
    const credentials = { username, password };
    for (const [name, profile, rest] of [
      ['attic', 'main', { transport: 'udp' }],
      ['attic-off', 'sub', { enabled: false, keep_warm: false }],
    ] as const) {
      const rtsp_url = attic.rtspUrl(profile);
      await daemon.api('POST', '/api/streams', { name, rtsp_url, ...credentials, ...rest });
    }
    const left = { x: 0, y: 0, width: 0.5, height: 1, cameras: ['dock', 'cellar'], dwell_seconds: 15 };
    const right = { x: 0.5, y: 0, width: 0.5, height: 1, cameras: ['attic'], fit: 'cover' };
    await daemon.api('PUT', '/api/layouts/two', { tiles: [left, right] });
    await daemon.api('PUT', '/api/layouts/one', { tiles: [left] });
    await daemon.api('PUT', '/api/wall', {
      sequence: ['two', 'one'].map((layout) => ({ layout, dwell_seconds: 20 })),
    });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('by kill -9 leaves no process behind', async () => {
    const viewers = await Promise.all(
      ['dock_main', 'dock_sub', 'attic'].map(mjpeg).map((url) => MjpegViewer.open(url)),
    );
    await until('pictures of all', () => viewers.every(({ pictures }) => pictures > 5));
    // The next one is a minute away.
    await until('the last pictures are kept', async () => {
      before9 = await known();
      return before9.cameras.filter(({ last_picture }) => last_picture !== null).length === 2;
    });
    assert.equal(ffmpegsUnder(daemon.pid).length, 3);
    const children = descendants(daemon.pid);
    await daemon.kill();
    await until('the end of every child', () => survivors(children).length === 0);
    await until('the end of every response', () => viewers.every(({ ended }) => ended));
  });

  it('and at restart every camera, stream, layout and the wall is there', async () => {
    await cellar.fault({ refuse: true });
    daemon = await startDaemon({ stateDir });
    assert.deepEqual(await known(), before9);
    assert.deepEqual(
      [before9.cameras.length, before9.streams.length, before9.layouts.layouts.length],
      [4, 6, 2],
    );
  });

  it('and the streams come back: by themselves if kept warm, otherwise to the viewer who reconnects', async () => {
    await live('attic');
    assert.deepEqual(
      [(await status('attic-off')).state, (await status('dock_main')).state],
      ['stopped', 'idle'],
    );
    assert.equal((await status('attic')).transport_in_use, 'udp');
    const viewer = await MjpegViewer.open(mjpeg('dock_main'));
    await until('pictures', () => viewer.pictures > 5);
    viewer.close();
  });

  it('and a camera that was off when the daemon started joins within 3 s of its return', async (t) => {
    const viewer = await MjpegViewer.open(mjpeg('cellar_main'));
    await backSoon(t, async () => {
      await cellar.fault({ refuse: true });
      await until('cellar is gone', async () => (await status('cellar_main')).state === 'gone');
      const next = viewer.next();
      await cellar.clearFaults();
      const on = performance.now();
      return (await next) - on;
    });
    viewer.close();
  });

  it('by SIGTERM comes within 5 s with status 0: every camera has had its TEARDOWN, no process is left', async () => {
    const teardowns = ({ stats }: VirtualCamera) =>
      stats.requests.filter((method) => method === 'TEARDOWN').length;
    const viewers = await Promise.all(
      ['dock_main', 'cellar_sub', 'attic'].map(mjpeg).map((url) => MjpegViewer.open(url)),
    );
    await until('pictures of all', () => viewers.every(({ pictures }) => pictures > 5));
    // Those who could hold it up: a viewer who reads nothing, and a camera that answers no more.
    await stuckViewer(mjpeg('dock_main'));
    await cellar.fault({ delay: 60_000 });
    const before = [dock, attic, cellar].map(teardowns);
    const children = descendants(daemon.pid);
    assert.ok(ffmpegsUnder(daemon.pid).length >= 3);

    const asked = performance.now();
    const code = await daemon.stop();
    const took = performance.now() - asked;

    assert.equal(code, 0, daemon.log.slice(-10).join('\n'));
    assert.ok(took < STOP_WITHIN, `${took} ms`);
    assert.deepEqual(survivors(children), []);
    const after = [dock, attic, cellar].map(teardowns);
    assert.deepEqual(
      after.map((count, i) => count > (before[i] ?? 0)),
      [true, true, true],
    );
    await until('no session on any camera', () => cameras.cameras.every(({ stats }) => stats.sessions === 0));
    await until('the end of every response', () => viewers.every(({ ended }) => ended));
  });
});
