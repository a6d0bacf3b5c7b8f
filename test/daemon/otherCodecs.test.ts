/** Cameras that send neither H.264 nor H.265 nor JPEG: GStreamer's server, which we did not write. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { RecordingList, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstRtspServer, gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import { MjpegViewer } from './mjpegViewer.ts';
import { probe } from './stampedVideo.ts';

describe('a camera of another coding', {
  timeout: 180_000,
  skip: (await gstServerMissing()) ?? false,
}, () => {
  let camera: GstRtspServer;
  let daemon: Daemon;

  before(async () => {
    camera = await startGstServer();
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon?.stop();
    await camera?.close();
  });

  const add = (id: 'vp8' | 'vp9' | 'mpeg4') =>
    daemon.api('POST', '/api/cameras', {
      ...{ id, name: id, username: camera.username, password: camera.password },
      streams: [{ profile: 'main', rtsp_url: camera.url(id) }],
    });

  for (const id of ['vp8', 'vp9'] as const)
    it(`${id}: is shown, recorded as it is, and played back`, async () => {
      await add(id);
      const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${id}_main/mjpeg?width=160`);
      await until('pictures', () => viewer.pictures > 10);
      const picture = jpeg.decode(viewer.last!);
      assert.deepEqual([picture.width, picture.height], [160, 120]);
      const stream = await daemon.api<StreamStatus>('GET', `/api/streams/${id}_main`);
      const { codec, width, height, state, packets_lost } = stream;
      assert.deepEqual([codec, width, height, state, packets_lost], [id, 320, 240, 'live', 0]);
      const frame = await fetch(`${daemon.url}/api/streams/${id}_main/frame`);
      assert.equal(frame.headers.get('content-type'), `video/${id}`);
      viewer.close();

      await daemon.api('PUT', '/api/recordings/settings', { cameras: { [id]: { mode: 'always' } } });
      const recording = await until('three seconds', async () => {
        const { recordings } = await daemon.api<RecordingList>('GET', '/api/recordings');
        return recordings.find((one) => one.camera === id && one.to - one.from > 3);
      });
      assert.equal(recording.codec, id);
      const { streams, packets } = await probe(`${daemon.url}/api/recordings/${recording.id}/media.mp4`);
      assert.deepEqual([streams[0]?.codec_name, streams[0]?.width, streams[0]?.height], [id, 320, 240]);
      assert.ok(packets.length > 30);
      const at = recording.from + 1;
      const response = await fetch(`${daemon.url}/api/recordings/cameras/${id}/picture.jpg?at=${at}`);
      assert.equal(response.status, 200, await response.clone().text());
      assert.equal(jpeg.decode(Buffer.from(await response.arrayBuffer())).width, 320);
    });

  it('mpeg4: is shown to its end, every picture of it', async () => {
    await add('mpeg4');
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/mpeg4_main/mjpeg`);
    await until('most pictures', () => viewer.pictures >= 50);
    const stream = await until('its end', async () => {
      const one = await daemon.api<StreamStatus>('GET', '/api/streams/mpeg4_main');
      return one.state === 'ended' && one;
    });
    const { codec, frames_received, frames_dropped } = stream;
    assert.deepEqual([codec, frames_received, frames_dropped], ['mpeg4', 75, 0]);
    viewer.close();
  });
});
