/** Cameras and decoders that fail and come back, seen by a viewer who stays. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, StreamState, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { backSoon } from './backSoon.ts';
import { look, MjpegViewer } from './mjpegViewer.ts';
import { ffmpegsUnder, survivors } from './processes.ts';

describe('faults', { timeout: 400_000 }, () => {
  let cameras: VirtualCameras;
  let gate: VirtualCamera;
  let locked: VirtualCamera;
  let daemon: Daemon;
  let viewer: MjpegViewer;
  /** When the first attempt with a wrong password was seen. */
  let refusedAt = 0;

  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const watch = (name: string) => MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg?width=320`);
  const add = (camera: VirtualCamera, password = camera.password) =>
    daemon.api<Camera>('POST', '/api/cameras', {
      id: camera.id,
      name: camera.name,
      username: camera.username,
      password,
      streams: [{ profile: 'main', rtsp_url: camera.rtspUrl('main') }],
    });
  const becomes = (name: string, state: StreamState) =>
    until(`${name} is ${state}`, async () => {
      const seen = await status(name);
      return seen.state === state && seen;
    });
  /** Milliseconds from the moment at which all is well again to the first new picture. */
  const backAfterRepair = async (repair: () => Promise<void>): Promise<number> => {
    const { pictures } = viewer;
    await sleep(300);
    assert.equal(viewer.pictures, pictures, 'no picture comes while it is broken');
    const next = viewer.next();
    await repair();
    const repaired = performance.now();
    const took = (await next) - repaired;
    await becomes('gate_main', 'live');
    return took;
  };

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: ['Gate', 'Locked', 'Late'].map((name) => ({ name, auth: 'digest', port: 0 })),
    });
    [gate, locked] = cameras.cameras as [VirtualCamera, VirtualCamera];
    daemon = await startDaemon();
    await add(locked, 'not-the-password');
    await add(gate);
    viewer = await watch('gate_main');
    await until('the first picture', () => viewer.pictures > 0);
  });
  after(async () => {
    viewer?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('a wrong password: refused, after one try', async () => {
    const curious = await watch('locked_main');
    const { last_error, connected } = await becomes('locked_main', 'refused');
    refusedAt = performance.now();
    assert.deepEqual([last_error?.code, connected], ['refused', false]);
    assert.doesNotMatch(last_error?.message ?? '', /not-the-password/);
    assert.equal(locked.stats.connections, 1);
    curious.close();
  });

  it('a camera cut off is gone, and live again within 3 s of its return', async (t) => {
    await backSoon(t, async () => {
      await gate.fault({ refuse: true });
      const gone = await becomes('gate_main', 'gone');
      assert.equal(gone.last_error?.code, 'unreachable');
      assert.deepEqual([gone.connected, gone.playing], [false, false]);
      await sleep(2_000); // by now it is tried as seldom as it will ever be
      return backAfterRepair(() => gate.clearFaults());
    });
    assert.equal((await status('gate_main')).last_error, null);
    assert.equal(viewer.ended, false);
  });

  it('a camera that drops its connections is live again within 3 s', async (t) => {
    const { connects } = await status('gate_main');
    await backSoon(t, async () => {
      const cut = performance.now();
      await gate.fault({ close: true });
      await until('another session', async () => (await status('gate_main')).connects > connects);
      return (await viewer.next()) - cut;
    });
  });

  it('a camera that falls silent is stalled, and live again within 3 s of its first packet', async (t) => {
    await backSoon(t, async () => {
      await gate.fault({ stopSending: true });
      await becomes('gate_main', 'stalled');
      return backAfterRepair(() => gate.clearFaults());
    });
  });

  it('a camera that reboots is live again within 3 s, though nothing of its stream continues', async (t) => {
    await backSoon(t, async () => {
      await gate.fault({ reboot: 5 });
      const up = performance.now() + 5_000;
      await becomes('gate_main', 'gone');
      return (await viewer.next()) - up;
    });
  });

  it('a source that begins anew within its session is followed within 3 s, and the session stays', async (t) => {
    const { connects } = await status('gate_main');
    await backSoon(t, async () => {
      await gate.fault({ newSsrc: true });
      let last = performance.now();
      let longest = 0;
      for (let i = 0; i < 20; i++) {
        const at = await viewer.next();
        longest = Math.max(longest, at - last);
        last = at;
      }
      return longest;
    });
    assert.equal((await status('gate_main')).connects, connects);
  });

  it('a decoder that is killed has a successor that gives pictures within 3 s', async (t) => {
    await backSoon(t, async () => {
      const [rendition] = (await status('gate_main')).renditions;
      assert.ok(rendition?.pid);
      process.kill(rendition.pid, 'SIGKILL');
      const killed = performance.now();
      await until('its successor', async () => {
        const [now] = (await status('gate_main')).renditions;
        return now?.pid && now.pid !== rendition.pid && now.restarts > rendition.restarts;
      });
      return (await viewer.next()) - killed;
    });
    assert.equal(ffmpegsUnder(daemon.pid).length, 1);
    assert.equal((await status('gate_main')).state, 'live', 'the camera’s session is none of its business');
  });

  it('a decoder that hangs is replaced', async () => {
    const [hung] = ffmpegsUnder(daemon.pid);
    assert.ok(hung);
    process.kill(hung.pid, 'SIGSTOP');
    await until('its end', () => survivors([hung]).length === 0);
    await viewer.next();
    assert.equal(ffmpegsUnder(daemon.pid).length, 1);
  });

  it('a camera that changes its resolution while it plays: the pictures follow, and back', async () => {
    const shape = async () => {
      await viewer.next();
      const { width, height, stamp } = look(viewer.last!);
      return stamp !== undefined && `${width}x${height}`;
    };
    const { connects } = await status('gate_main');
    assert.equal(await shape(), '320x180');
    await gate.fault({ resolution: { profile: 'main', width: 640, height: 480 } });
    await until('pictures of 4:3', async () => (await shape()) === '320x240');
    const changed = await status('gate_main');
    assert.deepEqual([changed.width, changed.height], [640, 480]);
    await gate.fault({ resolution: null });
    await until('pictures of 16:9', async () => (await shape()) === '320x180');
    const { width, height, connects: now } = await status('gate_main');
    assert.deepEqual([width, height, now], [1280, 720, connects]);
  });

  it('a camera that is off when it is added joins within 3 s of being switched on', async (t) => {
    const late = cameras.cameras[2]!;
    await late.fault({ refuse: true });
    await add(late);
    const patient = await watch('late_main');
    await becomes('late_main', 'gone');
    await backSoon(t, async () => {
      await late.fault({ refuse: true });
      await becomes('late_main', 'gone');
      const next = patient.next();
      await late.clearFaults();
      const on = performance.now();
      return (await next) - on;
    });
    patient.close();
  });

  it('a wrong password is not tried again for ten seconds, however many viewers come and go', async () => {
    let opened = 0;
    while (performance.now() - refusedAt < 10_000 || opened < 5) {
      const curious = await watch('locked_main');
      opened++;
      await sleep(200);
      curious.close();
    }
    const describes = locked.stats.requests.filter((method) => method === 'DESCRIBE').length;
    // The first DESCRIBE of a connection carries no credentials: they are sent when the camera asks for them.
    const withCredentials = describes - locked.stats.connections;
    assert.ok(withCredentials <= 2, `${withCredentials} tries on ${locked.stats.connections} connections`);
    const stays = await watch('locked_main');
    await becomes('locked_main', 'refused');
    await daemon.api('PATCH', '/api/cameras/locked', { password: locked.password });
    await until('a picture with the right password', () => stays.pictures > 0);
    stays.close();
  });
});
