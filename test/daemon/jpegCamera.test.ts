/** A camera that sends JPEGs over RTP: GStreamer's server, which we did not write. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { RecordingList, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstRtspServer, gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import { MjpegViewer } from './mjpegViewer.ts';
import { probe } from './stampedVideo.ts';

describe('a camera of JPEGs', { timeout: 120_000, skip: (await gstServerMissing()) ?? false }, () => {
  let camera: GstRtspServer;
  let daemon: Daemon;
  const stream = () => daemon.api<StreamStatus>('GET', '/api/streams/door_main');
  const view = (query = '') => MjpegViewer.open(`${daemon.url}/api/streams/door_main/mjpeg${query}`);

  before(async () => {
    camera = await startGstServer();
    daemon = await startDaemon();
    const { username, password } = camera;
    const streams = [{ profile: 'main', rtsp_url: camera.url('jpeg') }];
    await daemon.api('POST', '/api/cameras', { id: 'door', name: 'Door', username, password, streams });
  });
  after(async () => {
    await daemon?.stop();
    await camera?.close();
  });

  it('reaches viewers as it is, without a decoder', async () => {
    const viewer = await view();
    await until('ten pictures', () => viewer.pictures > 10);
    const { codec, width, height, renditions, state } = await stream();
    assert.deepEqual([codec, width, height, state], ['mjpeg', 320, 240, 'live']);
    assert.deepEqual(
      renditions.map(({ pid }) => pid),
      [null],
    );
    const picture = jpeg.decode(viewer.last!);
    assert.deepEqual([picture.width, picture.height], [320, 240]);
    // The camera's own headers, as RTP gives them: no JFIF of ffmpeg's.
    assert.equal(viewer.last!.includes('JFIF'), false);
    viewer.close();
  });

  it('is made smaller by a decoder where it has to be, picture for picture', async () => {
    const [whole, small] = [await view(), await view('?width=160')];
    await until('both', () => whole.pictures > 5 && small.pictures > 5);
    const begun = [whole.pictures, small.pictures] as const;
    await until('thirty more', () => whole.pictures >= begun[0] + 30);
    assert.ok(Math.abs(small.pictures - begun[1] - 30) <= 2, `${small.pictures - begun[1]} of 30`);
    const picture = jpeg.decode(small.last!);
    assert.deepEqual([picture.width, picture.height], [160, 120]);
    const { renditions } = await stream();
    assert.equal(renditions.filter(({ pid }) => pid !== null).length, 1);
    for (const viewer of [whole, small]) viewer.close();
  });

  it('comes as seldom as it is wanted, still without a decoder', async () => {
    const [whole, seldom] = [await view(), await view('?fps=5')];
    await until('its rate is known', async () => ((await stream()).fps ?? 0) > 14);
    const begun = [whole.pictures, seldom.pictures] as const;
    await until('thirty', () => whole.pictures >= begun[0] + 30);
    assert.ok(Math.abs(seldom.pictures - begun[1] - 10) <= 2, `${seldom.pictures - begun[1]} of 10`);
    const { renditions } = await stream();
    assert.equal(renditions.find(({ fps }) => fps === 5)?.pid, null);
    for (const viewer of [whole, seldom]) viewer.close();
  });

  it('is recorded as it is', async () => {
    await daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { mode: 'always' } } });
    const [recording] = await until('three seconds', async () => {
      const { recordings } = await daemon.api<RecordingList>('GET', '/api/recordings');
      return recordings[0] && recordings[0].to - recordings[0].from > 3 && recordings;
    });
    assert.equal(recording?.codec, 'mjpeg');
    const { streams, packets } = await probe(`${daemon.url}/api/recordings/${recording!.id}/media.mp4`);
    assert.deepEqual([streams[0]?.codec_name, streams[0]?.width, streams[0]?.height], ['mjpeg', 320, 240]);
    assert.ok(packets.length > 30);
    const at = recording!.from + 1;
    const response = await fetch(`${daemon.url}/api/recordings/cameras/door/picture.jpg?at=${at}`);
    assert.equal(response.status, 200, await response.clone().text());
    assert.equal(jpeg.decode(Buffer.from(await response.arrayBuffer())).width, 320);
  });
});
