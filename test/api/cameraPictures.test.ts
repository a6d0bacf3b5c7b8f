import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { StreamState } from '../../daemon/schema.ts';
import type { KeptPicture } from '../../daemon/store/pictureFiles.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

let api: ApiServer;
let kept: KeptPicture | undefined;
beforeEach(async () => {
  kept = undefined;
  api = await startApi({ lastPictures: { read: async () => kept } });
  await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
  const camera = api.cameras.all.get('porch');
  const unknown = { codec: null, width: null, height: null, fps: null, state: 'idle' as const };
  camera?.streams.push({ name: 'porch', profile: 'main', rtsp_url: 'rtsp://192.0.2.7/live', ...unknown });
});
afterEach(() => api.close());

function fail(state: StreamState, message: string): void {
  const stream = api.cameras.byName.get('porch');
  assert.ok(stream);
  Object.assign(stream, { state, last_error: { code: 'unreachable', message, time: 1 } });
}

function publish(text: string): void {
  const now = performance.now();
  const frame = { sequence: 1, receivedAt: now, decodedAt: now };
  api.cameras.hub('porch').publish({ data: Buffer.from(text), ...frame });
}

test('the last picture says when it was taken, and is not sent twice', async () => {
  kept = { data: Buffer.from('a JPEG'), time: 1_763_700_000.25, tag: '5-a' };
  const first = await call<string>(api, 'GET', '/api/cameras/porch/last.jpg');
  assert.equal(first.status, 200);
  assert.equal(first.body, 'a JPEG');
  const { headers } = first;
  assert.equal(headers.get('content-type'), 'image/jpeg');
  assert.equal(headers.get('x-picture-time'), '1763700000.25');
  assert.equal(headers.get('last-modified'), 'Fri, 21 Nov 2025 04:40:00 GMT');
  assert.equal(headers.get('cache-control'), 'no-cache');
  const etag = headers.get('etag') ?? '';
  const again = await call<string>(api, 'GET', '/api/cameras/porch/last.jpg', undefined, {
    'if-none-match': `"other", W/${etag}`,
  });
  assert.equal(again.status, 304);
  assert.equal(again.body, '');
  assert.equal((await call(api, 'HEAD', '/api/cameras/porch/last.jpg')).status, 200);
});

test('a camera that was never shown has none: 404 no_picture', async () => {
  const { status, body } = await call(api, 'GET', '/api/cameras/porch/last.jpg');
  assert.equal(status, 404);
  assert.equal(body.error.code, 'no_picture');
  assert.equal((await call(api, 'GET', '/api/cameras/nobody/last.jpg')).body.error.code, 'camera_not_found');
});

test('a snapshot is a picture of now, and the rendition is given back', async () => {
  const answered = call<string>(
    api,
    'GET',
    '/api/cameras/porch/snapshot.jpg?width=320&quality=60&t=1763700000',
  );
  await until(() => api.cameras.hub('porch').viewers === 1, 'the request to wait');
  publish('now');
  const { status, body, headers } = await answered;
  assert.deepEqual([status, body], [200, 'now']);
  assert.equal(headers.get('content-type'), 'image/jpeg');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.ok(headers.get('x-frame-age-ms'));
  assert.equal(api.cameras.leases, 0);
});

test('of a camera that is off there is no snapshot: 503 with the reason, before the patience is over', async () => {
  fail('gone', 'Nothing answers at 192.0.2.7.');
  const begun = performance.now();
  const { status, body, headers } = await call(api, 'GET', '/api/cameras/porch/snapshot.jpg');
  assert.equal(status, 503);
  assert.equal(body.error.code, 'no_picture_yet');
  assert.match(body.error.message, /Nothing answers at 192\.0\.2\.7/);
  assert.ok(headers.get('retry-after'));
  assert.ok(performance.now() - begun < 8_000);
  assert.equal(api.cameras.leases, 0);
});

test('a camera that was off and comes back meanwhile has its snapshot', async () => {
  fail('gone', 'Nothing answers.');
  const answered = call<string>(api, 'GET', '/api/cameras/porch/snapshot.jpg');
  await until(() => api.cameras.hub('porch').viewers === 1, 'the request to wait');
  publish('back');
  assert.equal((await answered).body, 'back');
});

test('a camera whose streams are all switched off says so', async () => {
  const camera = api.cameras.all.get('porch');
  for (const stream of camera?.streams ?? []) stream.state = 'stopped';
  const { status, body } = await call(api, 'GET', '/api/cameras/porch/snapshot.jpg');
  assert.equal(status, 503);
  assert.match(body.error.message, /switched off/);
});

test('source=camera: the picture that the camera makes itself, as it is', async () => {
  await api.close();
  const asked: string[] = [];
  api = await startApi({
    ownPictures: {
      get: async (id) => {
        asked.push(id);
        return Buffer.from('its own');
      },
    },
  });
  await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
  const path = '/api/cameras/porch/snapshot.jpg?source=camera';
  const answer = await call<string>(api, 'GET', path);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'image/jpeg');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.body, 'its own');
  assert.deepEqual(asked, ['porch']);
  const wrong = await call(api, 'GET', `${path}&width=320`);
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.error.message, /leave out width/);
  assert.equal((await call(api, 'GET', '/api/cameras/nobody/snapshot.jpg?source=camera')).status, 404);
});
