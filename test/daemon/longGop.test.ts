/** A camera with smart coding: a key picture every twelve seconds. Whoever joins in between does not wait for it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Camera } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const GOP = 12;

describe('a camera with a key picture every twelve seconds', { timeout: 120_000 }, () => {
  let cameras: VirtualCameras;
  let yard: VirtualCamera;
  let daemon: Daemon;
  let began: number;

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [{ name: 'Yard', auth: 'digest', password: 'secret', fps: 10, gop: GOP, seconds: 2 * GOP }],
    });
    began = performance.now();
    [yard] = cameras.cameras as [VirtualCamera];
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });

  it('is asked for one over ONVIF, and on the wall long before it would have sent it', async () => {
    const { username, password } = yard;
    const { url: address, calls } = yard.onvif;
    // Half a group at least is still to come; the demand of nobody else has asked yet.
    const phase = () => ((performance.now() - began) / 1000) % GOP;
    await until('a key picture was a moment ago', () => phase() > 0.5 && phase() < GOP / 3);
    const added = await daemon.api<Camera>('POST', '/api/cameras', {
      name: 'Yard',
      address,
      username,
      password,
    });
    const { name } = added.streams!.at(-1)!;
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg`);
    await until('the first picture', () => viewer.pictures > 0);
    const asked = calls.filter((call) => call.startsWith('SetSynchronizationPoint')).length;
    viewer.close();
    assert.ok(asked > 0, 'it was asked');
    assert.ok(phase() < GOP - 1, `it came ${phase().toFixed(1)} s after the last key picture, of ${GOP}`);
  });
});
