/** Cameras with smart coding: a key picture every twelve seconds. Neither who joins in between nor who lost a packet waits for it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const GOP = 12;
/** Of one that is watched for longer. */
const LONG_GOP = 40;

describe('a camera with a key picture every twelve seconds', { timeout: 120_000 }, () => {
  let cameras: VirtualCameras;
  let yard: VirtualCamera;
  let gate: VirtualCamera;
  let daemon: Daemon;
  let began: number;

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Yard', auth: 'digest', password: 'secret', fps: 10, gop: GOP, seconds: 2 * GOP },
        { name: 'Gate', auth: 'digest', password: 'secret', fps: 10, gop: LONG_GOP, seconds: LONG_GOP },
      ],
    });
    began = performance.now();
    [yard, gate] = cameras.cameras as [VirtualCamera, VirtualCamera];
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

  it('and again when a packet was lost, after which nothing could be shown up to the next one', async () => {
    const { username, password } = gate;
    const { url: address, calls } = gate.onvif;
    await gate.fault({ tcp: 'refused' });
    const added = await daemon.api<Camera>('POST', '/api/cameras', {
      name: 'Gate',
      address,
      username,
      password,
    });
    const { name } = added.streams!.at(-1)!;
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg`);
    await until('pictures', () => viewer.pictures > 10);
    await sleep(10_000); // not again before
    const asked = () => calls.filter((call) => call.startsWith('SetSynchronizationPoint')).length;
    const askedBefore = asked();
    await gate.fault({ udpLoss: 1 });
    await sleep(250);
    await gate.fault({ udpLoss: 0 });
    const lost = performance.now();
    await sleep(500); // what is on its way still
    const before = viewer.pictures;
    await until('pictures again', () => viewer.pictures > before + 5);
    const took = (performance.now() - lost) / 1000;
    const { transport_in_use, connects } = await daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
    viewer.close();
    assert.deepEqual([transport_in_use, connects], ['udp', 1], 'in the same session');
    assert.equal(asked(), askedBefore + 1);
    assert.ok(took < LONG_GOP / 4, `it took ${took.toFixed(1)} s`);
  });
});
