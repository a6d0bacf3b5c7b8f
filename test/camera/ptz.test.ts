import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CameraError } from '../../daemon/camera/cameraError.ts';
import { NOT_MOVABLE } from '../../daemon/camera/onvifPtzReply.ts';
import { until } from '../api/apiServer.ts';
import { MAIN } from './onvifCamera.ts';
import { movable } from './ptzCamera.ts';

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof CameraError, `a raw error: ${error}`);
  assert.equal(error.code, wanted, error.message);
  assert.ok(error.message.length > 10);
  return true;
};

describe('moving a camera', { concurrency: 2 }, () => {
  it('tells what it can, and takes the profile that has PTZ, not the first', async (t) => {
    const { mover, ptz, onvif } = await movable(t);
    ptz.presets.set('1', { name: 'Gate', position: { pan: 0.5, tilt: 0, zoom: 0 } });
    assert.deepEqual(await mover.read('yard'), {
      supported: true,
      home: true,
      absolute: true,
      relative: true,
      position: { pan: 0, tilt: 0, zoom: 0 },
      presets: [{ preset: '1', name: 'Gate' }],
    });
    assert.ok(onvif.calls.includes('GetNodes'));
    await mover.command('yard', { action: 'move', pan: 0.4, tilt: -0.25 });
    const { time: _, ...move } = ptz.calls[0]!;
    assert.deepEqual(move, { call: 'ContinuousMove', pan: 0.4, tilt: -0.25, timeout: 'PT2S' });
    assert.equal(ptz.moving, true);
    await mover.command('yard', { action: 'stop' });
    assert.equal(ptz.moving, false);
    const asked = onvif.calls.filter((call) => call === 'GetProfiles');
    assert.equal(asked.length, 1, 'services and login are found once and kept');
  });

  it('stops by itself when the caller vanishes', async (t) => {
    const { mover, ptz, calls } = await movable(t);
    await mover.command('yard', { action: 'move', pan: 1, seconds: 0.3 });
    await until(() => calls().includes('Stop'), 'the stop');
    assert.equal(ptz.moving, false);
    assert.deepEqual(calls(), ['ContinuousMove', 'Stop']);
  });

  it('goes on for as long as it is told again, and stops once', async (t) => {
    const { mover, ptz, calls } = await movable(t);
    await mover.read('yard');
    const began = performance.now();
    while (performance.now() - began < 1500) {
      await mover.command('yard', { action: 'move', zoom: 0.5, seconds: 1 });
      assert.equal(ptz.moving, true);
    }
    assert.ok(!calls().includes('Stop'));
    await until(() => calls().includes('Stop'), 'the stop');
    assert.equal(calls().filter((call) => call === 'Stop').length, 1);
    assert.ok(
      ptz.calls.every(({ pan }) => pan === undefined),
      'only what moves is named (Sony)',
    );
  });

  it('keeps only the newest wish while one is on its way', async (t) => {
    const { mover, ptz } = await movable(t, { motors: { slow: 150 } });
    await mover.read('yard');
    const moves = Array.from({ length: 20 }, (_, i) =>
      mover.command('yard', { action: 'move', pan: (i + 1) / 20, seconds: 5 }),
    );
    await Promise.all(moves);
    assert.deepEqual(
      ptz.calls.map(({ pan }) => pan),
      [0.05, 1],
    );
    await mover.command('yard', { action: 'stop' });
  });

  it('tells a camera to stop in another way when it refuses the first', async (t) => {
    const { mover, ptz, calls } = await movable(t, { motors: { failedStops: 2 } });
    await mover.command('yard', { action: 'move', tilt: 1 });
    await mover.command('yard', { action: 'stop' });
    assert.equal(ptz.moving, false);
    assert.deepEqual(calls(), ['ContinuousMove', 'Stop', 'Stop', 'ContinuousMove']);
  });

  it('tries a Stop that got lost again until the camera confirms it', async (t) => {
    let lost = 0;
    const answer = (call: string, xml: string, response: { destroy(): void }) => {
      if (call !== 'Stop' || lost >= 5) return xml;
      lost += 1;
      response.destroy();
      return undefined;
    };
    const { mover, calls } = await movable(t, { service: { faults: { answer } } });
    await mover.command('yard', { action: 'move', tilt: 1, seconds: 0.2 });
    await until(() => calls().filter((call) => call === 'Stop').length >= 6, 'the sixth stop');
  });

  it('leaves out Timeout where the camera refuses it, and remembers', async (t) => {
    const { mover, ptz } = await movable(t, { motors: { refusesTimeout: true } });
    await mover.command('yard', { action: 'move', pan: 0.5 });
    await mover.command('yard', { action: 'move', pan: 0.6 });
    await mover.command('yard', { action: 'stop' });
    assert.deepEqual(
      ptz.calls.map(({ call, refused = false }) => [call, refused]),
      [
        ['ContinuousMove', true],
        ['ContinuousMove', false],
        ['ContinuousMove', false],
        ['Stop', false],
      ],
    );
  });

  it('never asks for more than the camera’s own range', async (t) => {
    const { mover, ptz } = await movable(t, { motors: { fastest: 0.5 } });
    await mover.command('yard', { action: 'move', pan: 1, tilt: -1 });
    assert.equal(ptz.calls[0]?.refused, undefined);
    assert.equal(ptz.calls[0]?.pan, 0.5);
    assert.equal(ptz.calls[0]?.tilt, -0.5);
  });

  it('brings an axis to rest that the next move does not name', async (t) => {
    const { mover, ptz } = await movable(t);
    await mover.command('yard', { action: 'move', pan: 1 });
    await mover.command('yard', { action: 'move', zoom: 1 });
    assert.equal(ptz.calls[1]?.pan, 0);
    assert.equal(ptz.calls[1]?.zoom, 1);
  });

  it('stops every moving camera when the daemon ends', async (t) => {
    const { mover, ptz, stop } = await movable(t);
    await mover.command('yard', { action: 'move', pan: 1, seconds: 10 });
    assert.equal(ptz.moving, true);
    await stop();
    assert.equal(ptz.moving, false);
    await assert.rejects(mover.command('yard', { action: 'move', pan: 1 }), code('stopping'));
  });

  it('stops a camera that is removed while it moves', async (t) => {
    const { mover, ptz, store, cameras } = await movable(t);
    await mover.command('yard', { action: 'move', pan: 1, seconds: 10 });
    store.deleteCamera('yard');
    cameras.announce({ type: 'changed', what: 'cameras' });
    await until(() => !ptz.moving, 'a camera that stands');
    await assert.rejects(mover.command('yard', { action: 'stop' }), code('camera_not_found'));
  });

  it('keeps its connection for a while only', async (t) => {
    const { mover, onvif } = await movable(t, { control: { warm: 200 } });
    await mover.read('yard');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await mover.read('yard');
    assert.equal(onvif.calls.filter((call) => call === 'GetNodes').length, 2);
  });
});

describe('presets and home', { concurrency: 2 }, () => {
  it('are set, gone to, set anew under the same name, and removed', async (t) => {
    const { mover, ptz } = await movable(t);
    await mover.command('yard', { action: 'set_preset', name: 'Door <1> & "gate"' });
    const [preset] = (await mover.read('yard')).presets;
    assert.equal(preset?.name, 'Door <1> & "gate"');
    await mover.command('yard', { action: 'set_preset', name: 'Door <1> & "gate"' });
    assert.equal((await mover.read('yard')).presets.length, 1);
    await mover.command('yard', { action: 'preset', preset: preset!.preset });
    await mover.command('yard', { action: 'home' });
    await mover.command('yard', { action: 'remove_preset', preset: preset!.preset });
    assert.deepEqual((await mover.read('yard')).presets, []);
    assert.deepEqual(
      ptz.calls.map(({ call }) => call),
      ['SetPreset', 'SetPreset', 'GotoPreset', 'GotoHomePosition', 'RemovePreset'],
    );
    await assert.rejects(mover.command('yard', { action: 'preset', preset: '77' }), code('refused'));
  });

  it('are none where GetPresets is a fault (case 31)', async (t) => {
    const { mover } = await movable(t, { motors: { presetsFault: true } });
    const { supported, presets } = await mover.read('yard');
    assert.deepEqual([supported, presets], [true, []]);
  });

  it('home is refused in words where there is none', async (t) => {
    const { mover } = await movable(t, { motors: { home: false } });
    assert.equal((await mover.read('yard')).home, false);
    await assert.rejects(mover.command('yard', { action: 'home' }), code('not_supported'));
  });
});

describe('places and ways', { concurrency: 2 }, () => {
  const move = (more: { pan?: number; tilt?: number; zoom?: number }) => ({
    action: 'absolute_move' as const,
    ...more,
  });

  it('a place is gone to, and told again', async (t) => {
    const { mover, ptz } = await movable(t);
    await mover.command('yard', move({ pan: 0.5, tilt: -0.25, zoom: 0.75 }));
    assert.deepEqual((await mover.read('yard')).position, { pan: 0.5, tilt: -0.25, zoom: 0.75 });
    await mover.command('yard', move({ zoom: 0.25 }));
    assert.deepEqual(ptz.position, { pan: 0.5, tilt: -0.25, zoom: 0.25 });
    assert.equal(ptz.calls.at(-1)?.pan, undefined, 'only what moves is named (Sony)');
    await mover.command('yard', move({ pan: -1 }));
    assert.deepEqual(ptz.position, { pan: -1, tilt: -0.25, zoom: 0.25 });
  });

  it('in the camera’s own numbers: degrees, and a zoom from 1 to 30', async (t) => {
    const { mover, ptz } = await movable(t, { motors: { ends: { pan: [0, 360], zoom: [1, 30] } } });
    await mover.command('yard', move({ pan: 0.5, tilt: 0, zoom: 1 }));
    const { pan, zoom } = ptz.calls.at(-1)!;
    assert.deepEqual([pan, zoom], [270, 30]);
    assert.deepEqual((await mover.read('yard')).position, { pan: 0.5, tilt: 0, zoom: 1 });
  });

  it('turning first, then zoom, where a camera takes one at a time (Sony)', async (t) => {
    const { mover, ptz } = await movable(t, { motors: { oneAtATime: true } });
    await mover.command('yard', move({ pan: 0.5, tilt: 0.5, zoom: 0.5 }));
    assert.deepEqual(ptz.position, { pan: 0.5, tilt: 0.5, zoom: 0.5 });
    await mover.command('yard', { action: 'relative_move', pan: -0.5, zoom: 0.25 });
    assert.deepEqual(ptz.position, { pan: 0, tilt: 0.5, zoom: 0.75 });
  });

  it('a way is gone from where it looks', async (t) => {
    const { mover, ptz } = await movable(t);
    await mover.command('yard', { action: 'relative_move', pan: 0.25 });
    await mover.command('yard', { action: 'relative_move', pan: 0.25, zoom: 0.5 });
    assert.deepEqual(ptz.position, { pan: 0.5, tilt: 0, zoom: 0.5 });
    assert.equal(ptz.calls[0]?.zoom, undefined);
  });

  it('is not ended by the stop of a movement before', async (t) => {
    const { mover, calls } = await movable(t);
    await mover.command('yard', { action: 'move', pan: 1, seconds: 0.5 });
    await mover.command('yard', move({ pan: 0, tilt: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual(
      calls().filter((call) => call !== 'GetStatus'),
      ['ContinuousMove', 'Stop', 'AbsoluteMove'],
    );
  });

  it('are refused in words where the camera knows none, or does not tell where it looks', async (t) => {
    const none = await movable(t, { motors: { places: false } });
    const { absolute, relative, position } = await none.mover.read('yard');
    assert.deepEqual([absolute, relative, position], [false, false, null]);
    await assert.rejects(none.mover.command('yard', move({ pan: 0, tilt: 0 })), code('not_supported'));
    await assert.rejects(
      none.mover.command('yard', { action: 'relative_move', zoom: 1 }),
      code('not_supported'),
    );
    const blind = await movable(t, { motors: { statusFault: true } });
    assert.equal((await blind.mover.read('yard')).position, null);
    await assert.rejects(blind.mover.command('yard', move({ pan: 0 })), /give both pan and tilt/);
    await blind.mover.command('yard', move({ pan: 0.5, tilt: 0.5 }));
    assert.deepEqual(blind.ptz.position, { pan: 0.5, tilt: 0.5, zoom: 0 });
  });
});

describe('a camera that cannot be moved', { concurrency: 2 }, () => {
  it('is not asked when its profiles have no PTZ', async (t) => {
    const { mover, onvif } = await movable(t, { row: { ptz: false } });
    assert.deepEqual(await mover.read('yard'), NOT_MOVABLE);
    await assert.rejects(mover.command('yard', { action: 'move', pan: 1 }), code('not_supported'));
    assert.deepEqual(onvif.calls, []);
  });

  it('says so in its nodes although its profiles promise more (case 31: an NVR), and is believed from then on', async (t) => {
    const { mover, store, announced } = await movable(t, { motors: { nodes: 0 } });
    assert.equal((await mover.read('yard')).supported, false);
    assert.equal(store.camera('yard')?.ptz, false);
    assert.deepEqual(announced, [{ type: 'changed', what: 'cameras' }]);
  });

  it('but has motors and no profile with PTZ is moved by its own profile', async (t) => {
    const { mover, ptz } = await movable(t, { service: { profiles: [MAIN] } });
    await mover.command('yard', { action: 'move', pan: 1 });
    assert.equal(ptz.calls[0]?.call, 'ContinuousMove');
  });

  it('is not reachable, or was added without ONVIF: each is said', async (t) => {
    const { mover, onvif, store } = await movable(t);
    await onvif.close();
    await assert.rejects(mover.command('yard', { action: 'move', pan: 1 }), code('unreachable'));
    store.updateCamera('yard', { address: null });
    await assert.rejects(mover.command('yard', { action: 'home' }), code('not_supported'));
  });

  it('refuses our login, and is left alone from then on, until the login changes', async (t) => {
    const { mover, onvif, store } = await movable(t, { row: { password: 'wrong' } });
    for (let i = 0; i < 3; i++)
      await assert.rejects(mover.command('yard', { action: 'move', pan: 1 }), code('refused'));
    const refused = onvif.calls.filter((call) => call.startsWith('!'));
    assert.ok(refused.length > 0 && refused.length <= 4, refused.join());
    store.updateCamera('yard', { password: 'pä&<ss>:"@w0rd' });
    await mover.command('yard', { action: 'move', pan: 1 });
  });
});
