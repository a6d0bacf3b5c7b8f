/** Many viewers of one stream: what they share, and what is left when they leave. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Camera, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer, stuckViewer } from './mjpegViewer.ts';
import { descendants, ffmpegsUnder } from './processes.ts';

const VIEWERS = 20;

describe('viewers of one rendition', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let yard: VirtualCamera;
  /** Refuses PAUSE, as many cameras do although they list it. */
  let shed: VirtualCamera;
  let daemon: Daemon;

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: ['Yard', 'Shed'].map((name) => ({ name, auth: 'digest', port: 0 })),
    });
    [yard, shed] = cameras.cameras as [VirtualCamera, VirtualCamera];
    await shed.fault({ answers: { PAUSE: 551 } });
    daemon = await startDaemon();
    for (const { id, name, username, password, rtspUrl } of [yard, shed]) {
      const streams = [{ profile: 'sub', rtsp_url: rtspUrl('sub') }];
      await daemon.api<Camera>('POST', '/api/cameras', { id, name, username, password, streams });
    }
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });

  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const pictures = (name: string, query: string) => `${daemon.url}/api/streams/${name}/mjpeg?${query}`;
  const methods = ({ stats }: VirtualCamera, name: string) =>
    stats.requests.filter((method) => method === name).length;
  /** The camera falls silent for a moment; what it sent before has reached everybody when the numbers stand still. */
  const settled = async (counts: () => number[]) => {
    await yard.fault({ stopSending: true });
    let before = '';
    const seen = await until('everything to arrive', async () => {
      const { renditions, viewers } = await status('yard_sub');
      const now = JSON.stringify([renditions, counts()]);
      const same = now === before;
      before = now;
      return same && { renditions, viewers, counts: counts() };
    });
    await yard.clearFaults();
    return seen;
  };

  it('rest before anybody looks: no session, no child', async () => {
    for (const camera of [yard, shed]) {
      assert.equal((await status(`${camera.id}_sub`)).state, 'idle');
      assert.equal(camera.stats.connections, 0);
    }
    assert.deepEqual(descendants(daemon.pid), []);
  });

  it('share one RTSP session and one ffmpeg; one who reads nothing costs the others no picture', async () => {
    const url = pictures('yard_sub', 'width=640&quality=85');
    const seen: string[][] = [];
    const viewers: MjpegViewer[] = [];
    for (let i = 0; i < VIEWERS - 1; i++) {
      const list: string[] = [];
      seen.push(list);
      viewers.push(
        await MjpegViewer.open(url, (data) => list.push(createHash('sha1').update(data).digest('hex'))),
      );
    }
    const hangUp = await stuckViewer(url);
    await until(
      'every viewer to have a hundred pictures',
      () => seen.every((list) => list.length >= 100),
      90_000,
    );

    assert.equal(ffmpegsUnder(daemon.pid).length, 1);
    const { connections, totalSessions, sessions } = yard.stats;
    assert.deepEqual([connections, totalSessions, sessions], [1, 1, 1]);
    const { renditions, viewers: open, counts } = await settled(() => seen.map((list) => list.length));
    assert.equal(open, VIEWERS);
    assert.equal(renditions.length, 1);
    assert.equal(renditions[0]?.viewers, VIEWERS);
    assert.equal(counts[0], renditions[0]?.frames, 'the first viewer has every picture published');
    const all = seen[0]?.slice(0, counts[0]) ?? [];
    for (const [i, list] of seen.entries()) {
      const received = list.slice(0, counts[i]);
      assert.deepEqual(received, all.slice(-received.length), `viewer ${i} has them all since it came`);
    }
    assert.deepEqual(
      viewers.map(({ broken }) => broken),
      Array(VIEWERS - 1).fill(0),
    );
    for (const viewer of viewers) viewer.close();
    hangUp();
  });

  it('leave: children end; the session is paused, or torn down where the camera cannot', async () => {
    const last = await MjpegViewer.open(pictures('shed_sub', 'width=320'));
    await until('a picture', () => last.pictures > 0);
    last.close();
    await until('the children to end', () => descendants(daemon.pid).length === 0);

    await until('the pause', async () => (await status('yard_sub')).state === 'paused');
    const { playing, sessions } = yard.stats;
    assert.deepEqual([playing, sessions, methods(yard, 'PAUSE')], [0, 1, 1]);
    assert.deepEqual((await status('yard_sub')).renditions, []);

    await until('rest', async () => (await status('shed_sub')).state === 'idle');
    await until('the end of the session', () => shed.stats.sessions === 0);
    assert.deepEqual([methods(shed, 'PAUSE'), methods(shed, 'TEARDOWN')], [1, 1]);
  });

  it('come back: pictures again, in the same session where it was paused', async () => {
    for (const { camera, sessions } of [
      { camera: yard, sessions: 1 },
      { camera: shed, sessions: 2 },
    ]) {
      const viewer = await MjpegViewer.open(pictures(`${camera.id}_sub`, 'width=320'));
      await until('pictures again', () => viewer.pictures >= 5);
      const { totalSessions, playing } = camera.stats;
      assert.deepEqual([totalSessions, playing], [sessions, 1]);
      viewer.close();
    }
  });
});
