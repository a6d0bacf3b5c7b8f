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
  let camera: VirtualCamera;
  let daemon: Daemon;
  const sub = 'yard_sub';
  const main = 'yard_main';

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Yard', auth: 'digest', port: 0 }] });
    camera = cameras.cameras[0]!;
    daemon = await startDaemon();
    const { username, password } = camera;
    const streams = (['main', 'sub'] as const).map((profile) => ({
      profile,
      rtsp_url: camera.rtspUrl(profile),
    }));
    await daemon.api<Camera>('POST', '/api/cameras', {
      ...{ id: 'yard', name: 'Yard', username, password, streams },
    });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });

  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const pictures = (name: string, query: string) => `${daemon.url}/api/streams/${name}/mjpeg?${query}`;
  const methods = (name: string) => camera.stats.requests.filter((method) => method === name).length;
  /** The camera falls silent; what it sent before has reached everybody when the numbers stand still. */
  const settled = async (name: string, counts: () => number[]) => {
    await camera.fault({ stopSending: true });
    let before = '';
    return until('everything to arrive', async () => {
      const { renditions, viewers } = await status(name);
      const now = JSON.stringify([renditions, counts()]);
      const same = now === before;
      before = now;
      return same && { renditions, viewers };
    });
  };

  it('rest before anybody looks: no session, no child', async () => {
    assert.deepEqual([(await status(sub)).state, (await status(main)).state], ['idle', 'idle']);
    assert.equal(camera.stats.connections, 0);
    assert.deepEqual(descendants(daemon.pid), []);
  });

  it('share one RTSP session and one ffmpeg; one who reads nothing costs the others no picture', async () => {
    const url = pictures(sub, 'width=640&quality=85');
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
    assert.deepEqual(
      [camera.stats.connections, camera.stats.totalSessions, camera.stats.sessions],
      [1, 1, 1],
    );
    const counts = () => seen.map((list) => list.length);
    const { renditions, viewers: open } = await settled(sub, counts);
    assert.equal(open, VIEWERS);
    assert.equal(renditions.length, 1);
    assert.equal(renditions[0]?.viewers, VIEWERS);
    const [first = []] = seen;
    assert.equal(first.length, renditions[0]?.frames, 'the first viewer has every picture published');
    for (const [i, list] of seen.entries()) {
      assert.deepEqual(list, first.slice(-list.length), `viewer ${i} has them all since it came`);
    }
    assert.deepEqual(
      viewers.map(({ broken }) => broken),
      Array(VIEWERS - 1).fill(0),
    );
    await camera.clearFaults();
    for (const viewer of viewers) viewer.close();
    hangUp();
  });

  it('leave: the child ends, the session is paused, and both are back for the next one', async () => {
    await until('the child to end', () => descendants(daemon.pid).length === 0);
    const paused = await until('the pause', async () => {
      const now = await status(sub);
      return now.state === 'paused' && now;
    });
    assert.deepEqual(paused.renditions, []);
    assert.deepEqual([camera.stats.playing, camera.stats.sessions, methods('PAUSE')], [0, 1, 1]);
    const viewer = await MjpegViewer.open(pictures(sub, 'width=320'));
    await until('pictures again', () => viewer.pictures >= 5);
    assert.deepEqual([camera.stats.totalSessions, camera.stats.playing], [1, 1], 'the same session');
    viewer.close();
  });

  it('leave a camera that cannot pause: its session is torn down', async () => {
    await camera.fault({ answers: { PAUSE: 551 } });
    const teardowns = methods('TEARDOWN');
    await until('the end of the session', () => camera.stats.sessions === 0);
    await until('rest', async () => (await status(sub)).state === 'idle');
    assert.equal(methods('TEARDOWN') - teardowns, 1);
    await camera.clearFaults();
  });
});
