import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

let api: ApiServer;
before(async () => {
  api = await startApi();
  await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
  api.cameras.all.set('porch', camera('porch'));
  await call(api, 'PUT', '/api/layouts/used', { tiles: [] });
  await call(api, 'PUT', '/api/wall', { sequence: [{ layout: 'used', dwell_seconds: 30 }] });
});
after(() => api.close());

const tile = { x: 0, y: 0, width: 0.5, height: 0.5, cameras: [] as string[] };

/** What is sent, the status and code that must come back, and what the sentence must say. */
const TABLE: [
  title: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  says: RegExp,
][] = [
  [
    'a stream name with a slash',
    'POST',
    '/api/streams',
    { name: 'a/b', rtsp_url: 'rtsp://192.0.2.1/' },
    400,
    'invalid_name',
    /"name" must be 1 to 64 of .* "a\/b" was given/,
  ],
  [
    'a stream name with %2F in the path',
    'GET',
    '/api/streams/a%2Fb',
    undefined,
    400,
    'invalid_name',
    /"a\/b"/,
  ],
  ['a path below a stream that is none', 'GET', '/api/streams/a/b', undefined, 404, 'not_found', /api\/docs/],
  ['a very long name', 'GET', `/api/streams/${'n'.repeat(70)}`, undefined, 400, 'invalid_name', /1 to 64/],
  ['an endless name', 'GET', `/api/streams/${'n'.repeat(3000)}`, undefined, 400, 'invalid_name', /1 to 64/],
  ['a broken percent escape', 'GET', '/api/streams/%zz', undefined, 400, 'invalid_url', /percent/],
  ['a percent escape that is no UTF-8', 'GET', '/api/streams/%ff', undefined, 400, 'invalid_url', /percent/],
  ['an unknown stream', 'GET', '/api/streams/nobody', undefined, 404, 'stream_not_found', /nobody/],
  [
    'deleting an unknown stream',
    'DELETE',
    '/api/streams/nobody',
    undefined,
    404,
    'stream_not_found',
    /nobody/,
  ],
  [
    'starting an unknown stream',
    'POST',
    '/api/streams/nobody/start',
    undefined,
    404,
    'stream_not_found',
    /./,
  ],
  ['stopping an unknown stream', 'POST', '/api/streams/nobody/stop', undefined, 404, 'stream_not_found', /./],
  [
    'a frame of an unknown stream',
    'GET',
    '/api/streams/nobody/frame',
    undefined,
    404,
    'stream_not_found',
    /./,
  ],
  [
    'pictures of an unknown stream',
    'GET',
    '/api/streams/nobody/mjpeg',
    undefined,
    404,
    'stream_not_found',
    /./,
  ],
  [
    'a snapshot of an unknown stream',
    'GET',
    '/api/streams/nobody/snapshot.jpg',
    undefined,
    404,
    'stream_not_found',
    /./,
  ],
  [
    'a negative width',
    'GET',
    '/api/streams/porch/mjpeg?width=-5',
    undefined,
    400,
    'invalid_query',
    /"width" must be an integer from 16 to 7680, but -5 was given/,
  ],
  [
    'a negative height',
    'GET',
    '/api/streams/porch/snapshot.jpg?height=-1',
    undefined,
    400,
    'invalid_query',
    /"height".*-1/,
  ],
  ['a broken width', 'GET', '/api/streams/porch/mjpeg?width=1.5', undefined, 400, 'invalid_query', /"1.5"/],
  [
    'two widths',
    'GET',
    '/api/streams/porch/mjpeg?width=99&width=98',
    undefined,
    400,
    'invalid_query',
    /a list/,
  ],
  [
    'no frames a second',
    'GET',
    '/api/streams/porch/mjpeg?fps=0',
    undefined,
    400,
    'invalid_query',
    /0.1 to 60/,
  ],
  [
    'an unknown picture option',
    'GET',
    '/api/streams/porch/mjpeg?size=9',
    undefined,
    400,
    'invalid_query',
    /unknown field "size"; known are width, height/,
  ],
  [
    'a viewer without a tile',
    'GET',
    '/api/streams/porch/mjpeg?viewer=page',
    undefined,
    400,
    'invalid_query',
    /"viewer"/,
  ],
  ['broken JSON', 'POST', '/api/streams', '{"name": "a",', 400, 'invalid_json', /not valid JSON/],
  [
    'JSON that breaks in line 2',
    'POST',
    '/api/streams',
    '{\n "a" 1}',
    400,
    'invalid_json',
    /line 2, column 6/,
  ],
  [
    'a prototype in JSON',
    'POST',
    '/api/streams',
    '{"__proto__": {"x": 1}}',
    400,
    'invalid_json',
    /__proto__/,
  ],
  ['a list for an object', 'POST', '/api/streams', [], 400, 'invalid_body', /The body must be a JSON object/],
  ['no body', 'POST', '/api/streams', undefined, 400, 'invalid_body', /nothing was given/],
  [
    'a body without its fields',
    'POST',
    '/api/streams',
    {},
    400,
    'invalid_body',
    /lacks "name" \(.*\) and "rtsp_url"/,
  ],
  [
    'an unknown field',
    'POST',
    '/api/streams',
    { name: 'a', rtsp_url: 'rtsp://192.0.2.1/', url: 'x' },
    400,
    'invalid_body',
    /unknown field "url"; known are name, rtsp_url/,
  ],
  [
    'text for a number',
    'POST',
    '/api/streams',
    { name: 'a', rtsp_url: 'rtsp://192.0.2.1/', channel: 'one' },
    400,
    'invalid_body',
    /"channel" must be an integer from 0 to 1024 or null, but "one" was given/,
  ],
  [
    'an unknown transport',
    'POST',
    '/api/streams',
    { name: 'a', rtsp_url: 'rtsp://192.0.2.1/', transport: 'sctp' },
    400,
    'invalid_body',
    /one of "auto", "tcp", "udp"/,
  ],
  [
    'a wrong address',
    'POST',
    '/api/streams',
    { name: 'a', rtsp_url: 'http://192.0.2.1/' },
    400,
    'invalid_url',
    /rtsp/,
  ],
  [
    'a name that is taken',
    'POST',
    '/api/streams',
    { name: 'porch', rtsp_url: 'rtsp://192.0.2.1/' },
    409,
    'stream_exists',
    /porch/,
  ],
  [
    'a configuration without streams',
    'POST',
    '/api/config/streams',
    {},
    400,
    'invalid_body',
    /lacks "streams"/,
  ],
  ['an empty change', 'PATCH', '/api/cameras/porch', {}, 400, 'invalid_body', /at least 1 of name, address/],
  ['an unknown camera', 'GET', '/api/cameras/nobody', undefined, 404, 'camera_not_found', /nobody/],
  [
    'a change of an unknown camera',
    'PATCH',
    '/api/cameras/nobody',
    { name: 'x' },
    404,
    'camera_not_found',
    /./,
  ],
  ['removing an unknown camera', 'DELETE', '/api/cameras/nobody', undefined, 404, 'camera_not_found', /./],
  [
    'a camera that does not answer',
    'POST',
    '/api/cameras',
    { name: 'x', address: '192.0.2.1' },
    502,
    'onvif_unreachable',
    /./,
  ],
  [
    'ONVIF where nothing answers',
    'POST',
    '/api/onvif',
    { address: '192.0.2.1' },
    502,
    'onvif_unreachable',
    /./,
  ],
  [
    'a search without end',
    'POST',
    '/api/discovery',
    { seconds: 1e9 },
    400,
    'invalid_body',
    /"seconds".*1 to 60/,
  ],
  ['an unknown layout', 'GET', '/api/layouts/nobody', undefined, 404, 'layout_not_found', /nobody/],
  ['deleting an unknown layout', 'DELETE', '/api/layouts/nobody', undefined, 404, 'layout_not_found', /./],
  ['a layout name with a space', 'PUT', '/api/layouts/a%20b', { tiles: [] }, 400, 'invalid_name', /"a b"/],
  [
    'a tile of negative size',
    'PUT',
    '/api/layouts/x',
    { tiles: [{ ...tile, width: -1 }] },
    400,
    'invalid_body',
    /"tiles\[0\]\.width" must be a number above 0 and at most 1, but -1 was given/,
  ],
  [
    'a tile that leaves the screen to the right',
    'PUT',
    '/api/layouts/x',
    { tiles: [tile, { ...tile, x: 0.6 }] },
    400,
    'tile_outside',
    /"tiles\[1\]" leaves the screen at the right: x \+ width is 1.1/,
  ],
  [
    'a tile that leaves the screen at the bottom',
    'PUT',
    '/api/layouts/x',
    { tiles: [{ ...tile, y: 0.75 }] },
    400,
    'tile_outside',
    /bottom: y \+ height is 1.25/,
  ],
  [
    'a tile with a camera that is not there',
    'PUT',
    '/api/layouts/x',
    { tiles: [{ ...tile, cameras: ['porch', 'attic'] }] },
    400,
    'unknown_camera',
    /"tiles\[0\]\.cameras" names attic.*Cameras: porch\./,
  ],
  [
    'a wall of a layout that is not there',
    'PUT',
    '/api/wall',
    { sequence: [{ layout: 'night', dwell_seconds: 5 }] },
    400,
    'unknown_layout',
    /no layout night.*Layouts: used/,
  ],
  ['deleting the layout on the wall', 'DELETE', '/api/layouts/used', undefined, 409, 'layout_in_use', /wall/],
  ['a wrong method', 'PUT', '/api/streams', {}, 405, 'method_not_allowed', /GET, HEAD, POST/],
  [
    'a wrong method with a broken body',
    'PATCH',
    '/api/wall',
    '{',
    405,
    'method_not_allowed',
    /GET, HEAD, PUT/,
  ],
  ['an unknown address', 'GET', '/api/cctv', undefined, 404, 'not_found', /GET \/api\/cctv/],
  ['posting to an unknown address', 'POST', '/api/cctv', '{', 404, 'not_found', /POST \/api\/cctv/],
  ['climbing out of the pages', 'GET', '/..%2f..%2fetc%2fpasswd', undefined, 404, 'not_found', /./],
  ['the socket of events without one', 'GET', '/api/events', undefined, 426, 'websocket_only', /ws:/],
];

for (const [title, method, path, body, status, code, says] of TABLE) {
  test(`${title} is answered ${status} ${code} and a sentence that helps`, async () => {
    const answer = await call(api, method, path, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body), ['error']);
    assert.deepEqual(Object.keys(answer.body.error), ['code', 'message']);
    assert.equal(answer.body.error.code, code);
    assert.match(answer.body.error.message, says);
    assert.doesNotMatch(answer.body.error.message, /\.ts\b|\n {4}at /);
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  });
}

test('a body that is not JSON is answered 415 with the header to send', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const answer = await call(api, 'POST', '/api/streams', 'name=a', { 'content-type': type });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.body.error.code, 'unsupported_media_type');
    assert.match(answer.body.error.message, /Content-Type: application\/json/);
  }
});

test('a wrong method is told which ones are right in the Allow header', async () => {
  const answer = await call(api, 'DELETE', '/api/streams/porch/frame');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'GET, HEAD');
});

test('a password never comes back, not even in the sentence that refuses it', async () => {
  const rtsp_url = `ftp://admin:hunter2@192.0.2.1/${'x'.repeat(3000)}`;
  const bodies = [
    { name: 'a', rtsp_url, password: 'hunter2' },
    { name: 'a', rtsp_url: 'rtsp://192.0.2.1/', password: ['hunter2'] },
    { name: 'a', rtsp_url: 'rtsp://192.0.2.1/', password: 'hunter2'.repeat(99) },
  ];
  for (const body of bodies) {
    const answer = await call(api, 'POST', '/api/streams', body);
    assert.equal(answer.status, 400);
    assert.doesNotMatch(JSON.stringify(answer.body), /hunter2/);
  }
});

test('an empty body under a JSON content type counts as none', async () => {
  const answer = await call<StreamStatus>(api, 'POST', '/api/streams/porch/start', '');
  assert.equal(answer.status, 200);
  assert.equal(answer.body.name, 'porch');
});

test('a failure inside the daemon is answered 500 without its text', async () => {
  const broken = await startApi({
    facts: () => {
      throw new Error('secret place in file.ts');
    },
  });
  try {
    const answer = await call(broken, 'GET', '/api/system');
    assert.equal(answer.status, 500);
    assert.equal(answer.body.error.code, 'internal');
    assert.doesNotMatch(JSON.stringify(answer.body), /secret place/);
  } finally {
    await broken.close();
  }
});
