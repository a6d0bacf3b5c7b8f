import assert from 'node:assert/strict';
import { request } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { freshPicture } from '../../daemon/api/pictures.ts';
import { Hub } from '../../daemon/fanout/hub.ts';
import type { JpegFrame } from '../../daemon/frame.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

let api: ApiServer;
beforeEach(async () => {
  api = await startApi();
  await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
});
afterEach(() => api.close());

let sequence = 0;
function jpeg(text: string, age = 0): JpegFrame {
  const now = performance.now();
  const data = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from(text), Buffer.from([0xff, 0xd9])]);
  return { data, sequence: ++sequence, receivedAt: now - age, decodedAt: now };
}

/** Opens an M-JPEG response and collects what comes. */
function watch(path: string) {
  const result = { status: 0, type: '', text: '', closed: false, leave: () => {} };
  const asked = request(api.url + path, (response) => {
    result.status = response.statusCode ?? 0;
    result.type = response.headers['content-type'] ?? '';
    response.on('data', (data) => {
      result.text += data.toString('latin1');
    });
    response.on('error', () => {});
    response.on('close', () => {
      result.closed = true;
    });
  });
  asked.on('error', () => {});
  asked.end();
  result.leave = () => asked.destroy();
  return result;
}

test('M-JPEG: pictures come as parts; when the viewer leaves, the rendition is released', async () => {
  const viewer = watch('/api/streams/porch/mjpeg?width=320&viewer=page1.tile1');
  await until(() => viewer.status === 200 && api.viewers.total === 1, 'the viewer');
  assert.match(viewer.type, /^multipart\/x-mixed-replace;boundary=\S{2,}/);
  for (const text of ['first', 'second']) {
    api.cameras.hub('porch').publish(jpeg(text));
    await until(() => viewer.text.includes(text), text);
  }
  assert.equal([...api.viewers.ofPage('page1')].length, 1);
  assert.equal(api.cameras.leases, 1);
  viewer.leave();
  await until(() => api.cameras.leases === 0, 'the release');
  assert.equal(api.viewers.total, 0);
});

test('M-JPEG: the response ends when the stream is removed', async () => {
  const viewer = watch('/api/streams/porch/mjpeg');
  await until(() => viewer.status === 200, 'the viewer');
  await call(api, 'DELETE', '/api/streams/porch');
  await until(() => viewer.closed && api.cameras.leases === 0, 'the end');
});

test('M-JPEG: HEAD is refused, for there is no end to count', async () => {
  assert.equal((await call(api, 'HEAD', '/api/streams/porch/mjpeg')).status, 405);
  assert.equal(api.cameras.leases, 0);
});

test('M-JPEG: open pictures do not keep the server from closing', async () => {
  const viewer = watch('/api/streams/porch/mjpeg');
  await until(() => viewer.status === 200, 'the viewer');
  const other = api;
  await other.close();
  await until(() => viewer.closed && other.cameras.leases === 0, 'the end');
  api = await startApi();
});

test('a snapshot is the newest picture when that is fresh', async () => {
  api.cameras.hub('porch').publish(jpeg('fresh', 300));
  const response = await fetch(`${api.url}/api/streams/porch/snapshot.jpg?width=320`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'image/jpeg');
  assert.ok(Number(response.headers.get('x-frame-age-ms')) >= 300);
  assert.match(await response.text(), /fresh/);
  assert.equal(api.cameras.leases, 0);
});

test('a snapshot does not show the past: it waits for a newer picture', async () => {
  const hub = api.cameras.hub('porch');
  hub.publish(jpeg('stale', 5000));
  const answered = fetch(`${api.url}/api/streams/porch/snapshot.jpg`);
  await until(() => hub.viewers === 1, 'the request to wait');
  hub.publish(jpeg('still too old', 3000));
  hub.publish(jpeg('now'));
  assert.match(await (await answered).text(), /now/);
});

test('a snapshot of a stream that is removed meanwhile is answered 503 no_picture_yet', async () => {
  const hub = api.cameras.hub('porch');
  const answered = call(api, 'GET', '/api/streams/porch/snapshot.jpg');
  await until(() => hub.viewers === 1, 'the request to wait');
  hub.end();
  const { status, body, headers } = await answered;
  assert.equal(status, 503);
  assert.equal(body.error.code, 'no_picture_yet');
  assert.ok(headers.get('retry-after'));
  assert.equal(api.cameras.leases, 0);
});

test('waiting for a picture ends with the patience and with the asker, and leaves the hub', async () => {
  const hub = new Hub();
  assert.equal(await freshPicture(hub, new AbortController().signal, 30), undefined);
  const gone = new AbortController();
  const waiting = freshPicture(hub, gone.signal, 60_000);
  gone.abort();
  assert.equal(await waiting, undefined);
  assert.equal(hub.viewers, 0);
});
