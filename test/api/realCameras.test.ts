import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { CameraSet } from '../../daemon/camera/cameraSet.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import type { Camera, StreamList, StreamStatus } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { software } from '../decode/fakes.ts';
import { noRemuxer } from '../ingest/noRemuxer.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

const SECRET = 'hunter2-p@ss';

let api: ApiServer;
let store: Store;
let folder: string;
let running: Promise<void>;
/** Where no camera is: a port that was just given back. */
let deadPort: number;
const stop = new AbortController();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'walleye-real-'));
  store = openStore(join(folder, 'walleye.sqlite')).store;
  const log = pino({ level: 'silent' });
  const ffmpeg = await findFfmpeg({});
  const sandbox = await probeSandbox({ program: ffmpeg.path });
  const cameras = new CameraSet({
    store,
    tools: () => ({ ffmpeg, sandbox, decoder: software }),
    remuxer: noRemuxer,
    rtspTimeout: 2000,
    log,
  });
  running = cameras.run(stop.signal);
  api = await startApi({ cameras, store });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  deadPort = (server.address() as { port: number }).port;
  server.close();
});
after(async () => {
  stop.abort();
  await running;
  await api.close();
  store.close();
  rmSync(folder, { recursive: true });
});

test('a stream whose camera is not there is kept, says that it is gone, and refuses pictures with a reason', async () => {
  const rtsp_url = `rtsp://admin:${SECRET}@127.0.0.1:${deadPort}/live`;
  const added = await call<StreamStatus>(api, 'POST', '/api/streams', { name: 'absent', rtsp_url });
  assert.equal(added.status, 201);
  assert.equal(added.body.rtsp_url, `rtsp://127.0.0.1:${deadPort}/live`);
  const gone = await until(async () => {
    const { body } = await call<StreamStatus>(api, 'GET', '/api/streams/absent');
    return body.state === 'gone' && body;
  }, 'the stream to be gone');
  assert.equal(gone.last_error?.code, 'unreachable');
  const frame = await call(api, 'GET', '/api/streams/absent/frame');
  assert.equal(frame.status, 503);
  assert.match(frame.body.error.message, /it is gone \(/);
  await call(api, 'POST', '/api/streams/absent/stop');
  const stopped = await call(api, 'GET', '/api/streams/absent/mjpeg');
  assert.equal(stopped.status, 409);
  assert.equal(stopped.body.error.code, 'stream_stopped');
});

test('a password goes in and comes out nowhere', async () => {
  const body = {
    name: 'Gate',
    id: 'gate',
    username: 'admin',
    password: SECRET,
    streams: [{ profile: 'main', rtsp_url: `rtsp://admin:${SECRET}@127.0.0.1:${deadPort}/main` }],
  };
  const added = await call<Camera>(api, 'POST', '/api/cameras', body);
  assert.equal(added.status, 201);
  assert.equal(added.body.has_password, true);
  await call(api, 'PATCH', '/api/cameras/gate', { password: `${SECRET}!` });
  for (const path of [
    '/api/cameras',
    '/api/cameras/gate',
    '/api/streams',
    '/api/streams/gate_main',
    '/api/streams/absent',
    '/api/streams/gate_main/frame',
    '/api/discovery',
    '/api/system',
  ]) {
    const answer = await call<unknown>(api, 'GET', path);
    assert.doesNotMatch(JSON.stringify(answer.body), /hunter2/, path);
  }
});

test('a camera with neither address nor streams is refused with a reason', async () => {
  const { status, body } = await call(api, 'POST', '/api/cameras', { name: 'x' });
  assert.equal(status, 400);
  assert.match(body.error.message, /either/i);
});

test('a wrong address changes nothing of a stream that a configuration updates', async () => {
  const streams = [{ name: 'absent', rtsp_url: 'rtsp://' + 'x y' }];
  const before = await call<StreamStatus>(api, 'GET', '/api/streams/absent');
  const { body } = await call<{ failed: { code: string }[] }>(api, 'POST', '/api/config/streams', {
    streams,
  });
  assert.equal(body.failed.length, 1);
  const { body: unchanged } = await call<StreamStatus>(api, 'GET', '/api/streams/absent');
  assert.equal(unchanged.rtsp_url, before.body.rtsp_url);
});

test('what is removed is gone everywhere, and its name is free again', async () => {
  for (const name of ['absent', 'gate_main'])
    assert.equal((await call(api, 'DELETE', `/api/streams/${name}`)).status, 204);
  assert.equal((await call<StreamList>(api, 'GET', '/api/streams')).body.total, 0);
  assert.deepEqual(store.cameras(), []);
  const again = { name: 'absent', rtsp_url: `rtsp://127.0.0.1:${deadPort}/live`, enabled: false };
  const { status, body } = await call<StreamStatus>(api, 'POST', '/api/streams', again);
  assert.equal(status, 201);
  assert.equal(body.state, 'stopped');
});
