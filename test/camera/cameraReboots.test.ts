import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CameraReboots } from '../../daemon/camera/cameraReboots.ts';
import { openStore } from '../../daemon/store/store.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import type { OnvifServiceOptions } from '../virtual-camera/onvifService.ts';
import { LOGIN, camera as startCamera } from './onvifCamera.ts';

async function gate(t: TestContext, options: Partial<OnvifServiceOptions> = {}, login = LOGIN) {
  let restarts = 0;
  const reboot = () => {
    restarts++;
  };
  const service = await startCamera(t, { reboot, ...options });
  const { store } = openStore(':memory:');
  t.after(() => store.close());
  store.insertCamera({ ...cameraRow('gate'), address: service.url, ...login }, [
    streamRow('gate_main', 'gate'),
  ]);
  const calls = () => service.calls.filter((call) => call === 'SystemReboot').length;
  return { reboots: new CameraReboots(store), calls, store, restarts: () => restarts, service };
}

describe('restarting a camera', () => {
  it('tells it over ONVIF, and says what it answers', async (t) => {
    const { reboots, calls } = await gate(t);
    assert.deepEqual(await reboots.reboot('gate'), { message: 'Rebooting in 3 seconds' });
    assert.equal(calls(), 1);
  });

  it('tells it once, however many ask meanwhile', async (t) => {
    const { reboots, calls } = await gate(t);
    await Promise.all([reboots.reboot('gate'), reboots.reboot('gate')]);
    assert.equal(calls(), 1);
    await reboots.reboot('gate');
    assert.equal(calls(), 2);
  });

  it('is done where the camera goes down before it has answered', async (t) => {
    const { reboots, calls } = await gate(t, {
      faults: {
        answer: (call, xml, response) => {
          if (call !== 'SystemReboot') return xml;
          response.socket?.destroy();
          return undefined;
        },
      },
    });
    assert.deepEqual(await reboots.reboot('gate'), { message: null });
    assert.ok(calls() >= 1);
  });

  it('says why where it cannot be done', async (t) => {
    const unable = await gate(t, { reboot: undefined });
    await assert.rejects(unable.reboots.reboot('gate'), { name: 'OnvifError', code: 'fault' });
    const locked = await gate(t, {}, { ...LOGIN, password: 'wrong' });
    await assert.rejects(locked.reboots.reboot('gate'), { name: 'OnvifError', code: 'refused' });
    assert.equal(locked.calls(), 0);
    const { reboots, store, service } = await gate(t);
    await service.close();
    await assert.rejects(reboots.reboot('gate'), { name: 'OnvifError', code: 'unreachable' });
    store.updateCamera('gate', { address: null });
    await assert.rejects(reboots.reboot('gate'), { code: 'no_onvif' });
    await assert.rejects(reboots.reboot('yard'), { code: 'camera_not_found' });
  });
});
