/** Cameras that join by themselves: what a search does with what it finds. The network is the test's; the store is real. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ApiDeps, FoundDevice } from '../../daemon/api/deps.ts';
import type { CredentialList } from '../../daemon/api/discovery.ts';
import type { DiscoveredDevice, Discovery, OnvifDescription } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

type Search = Parameters<ApiDeps['discover']>[0] & { finish: (devices: FoundDevice[]) => void };
type Asked = Parameters<ApiDeps['describeOnvif']>[0];

let api: ApiServer;
let searches: Search[];
/** Every question to a camera. */
let asked: Asked[];
/** Address → the password that opens it; '' opens to everybody. */
let passwords: Map<string, string>;
/** Holds the answers to logins back. */
let gate: Promise<void>;

beforeEach(async () => {
  searches = [];
  asked = [];
  passwords = new Map();
  gate = Promise.resolve();
  api = await startApi({
    discover: (options) => {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<ApiDeps['discover']>>>();
      const finish = (devices: FoundDevice[]) => resolve({ devices, interfaces: ['eth0'], problems: [] });
      options.signal?.addEventListener('abort', () => finish([]));
      searches.push({ ...options, finish });
      return promise;
    },
    describeOnvif: async (options) => {
      asked.push(options);
      if (options.username !== undefined) await gate;
      options.signal?.throwIfAborted();
      const password = passwords.get(options.address);
      if (password === undefined) throw failure('unreachable', 'Nothing answers.');
      if (password !== '' && options.password !== password) throw failure('refused', 'No.');
      return description(options.address);
    },
  });
});
afterEach(() => api.close());

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { name: 'OnvifError', code });
}

/** @param password opens it; '' : everybody */
function device(last: number, password: string, facts: Partial<FoundDevice> = {}): FoundDevice {
  const onvif_url = `http://192.0.2.${last}/onvif/device_service`;
  passwords.set(onvif_url, password);
  return {
    id: `urn:uuid:${last}`,
    address: `192.0.2.${last}`,
    onvif_url,
    xaddrs: [onvif_url],
    name: `Camera ${last}`,
    hardware: null,
    location: null,
    mac: null,
    manufacturer: 'Maker',
    via: ['ws-discovery'],
    interface: 'eth0',
    ...facts,
  };
}

function description(address: string): OnvifDescription {
  const { hostname, port } = new URL(address);
  const profile = { codec: 'h264', fps: 15, bitrate: null, gop: null, snapshot_url: null, ptz: false };
  const size = { width: 1280, height: 720 };
  return {
    address,
    manufacturer: 'Maker',
    model: 'M1',
    firmware: null,
    serial: null,
    hardware: null,
    clock_skew: 0,
    profiles: [{ ...profile, ...size, token: 't', name: 'main', rtsp_url: `rtsp://${hostname}/main${port}` }],
  };
}

const state = async () => (await call<Discovery>(api, 'GET', '/api/discovery')).body;
const adopt = () => call<Discovery>(api, 'POST', '/api/discovery', { adopt: true });
const quiet = () =>
  until(async () => {
    const body = await state();
    return !body.running && body.devices.every(({ adoption }) => adoption !== 'asking') && body;
  }, 'the end of all asking');
const adoptions = (body: Discovery) => body.devices.map(({ adoption, camera }) => [adoption, camera]);
/** A whole search that finds these. */
async function found(...devices: FoundDevice[]): Promise<Discovery> {
  await adopt();
  searches.at(-1)?.finish(devices);
  return quiet();
}
const logins = (): (string | undefined)[] =>
  asked.filter(({ username }) => username !== undefined).map(({ password }) => password);
const only = (body: Discovery): DiscoveredDevice => {
  assert.equal(body.devices.length, 1);
  return body.devices[0] as DiscoveredDevice;
};

test('cameras that let everybody in are added while the search goes on, each under a name of its own', async () => {
  await adopt();
  searches[0]?.found(device(1, '', { name: 'Front door' }));
  await until(() => api.cameras.all.size === 1, 'the first camera');
  assert.equal((await state()).running, true);
  const two = [device(2, '', { name: 'Front door' }), device(3, '', { name: null })];
  searches[0]?.finish([device(1, '', { name: 'Front door' }), ...two]);
  assert.deepEqual(adoptions(await quiet()), [
    ['added', 'front-door'],
    ['added', 'front-door-192-0-2-2'],
    ['added', 'maker-m1'],
  ]);
  assert.deepEqual(
    api.cameras.cameras().map(({ name, address, username }) => [name, address, username]),
    [
      ['Front door', 'http://192.0.2.1/onvif/device_service', null],
      ['Front door 192.0.2.2', 'http://192.0.2.2/onvif/device_service', null],
      ['Maker M1', 'http://192.0.2.3/onvif/device_service', null],
    ],
  );
});

test('without adopt cameras are described and none is added', async () => {
  await call(api, 'POST', '/api/discovery');
  searches[0]?.finish([device(1, '')]);
  assert.equal(only(await quiet()).adoption, 'found');
  assert.equal(api.cameras.all.size, 0);
});

test('a search that is running already adopts from then on what it has found', async () => {
  await call(api, 'POST', '/api/discovery');
  searches[0]?.found(device(1, ''));
  await until(async () => only(await state()).onvif, 'the description');
  await adopt();
  await until(() => api.cameras.all.size === 1, 'the camera');
  assert.equal(searches.length, 1);
});

test('a camera that does not answer has failed, and says why', async () => {
  const one = device(1, '');
  passwords.clear();
  const { adoption, onvif_error } = only(await found(one));
  assert.equal(adoption, 'failed');
  assert.deepEqual(onvif_error, { code: 'unreachable', message: 'Nothing answers.' });
});

test('a device without an ONVIF address is shown and left alone', async () => {
  assert.equal(only(await found(device(1, '', { onvif_url: null, xaddrs: [] }))).adoption, 'found');
  assert.equal(asked.length, 0);
});

test('a camera that is there already is recognised and not asked', async () => {
  const one = device(1, '');
  api.cameras.all.set('porch', { ...camera('porch'), address: one.onvif_url });
  assert.deepEqual(adoptions(await found(one)), [['added', 'porch']]);
  assert.equal(asked.length, 0);
});

test('a camera added by its stream address is recognised by its host, once no other device has that', async () => {
  const unknown = { codec: null, width: null, height: null, fps: null, state: 'idle' as const };
  const streams = [{ name: 's', profile: 'main', rtsp_url: 'rtsp://192.0.2.1/other', ...unknown }];
  api.cameras.all.set('by-hand', { ...camera('by-hand'), streams });
  assert.deepEqual(adoptions(await found(device(1, ''))), [['added', 'by-hand']]);
  const port = 'http://192.0.2.1:8001/onvif';
  const other = device(9, '', { address: '192.0.2.1', onvif_url: port, xaddrs: [port] });
  passwords.set(port, '');
  const both = await found(device(1, ''), other);
  assert.equal(new Set(both.devices.map((one) => one.camera)).size, 2);
  assert.equal(api.cameras.all.size, 3);
});

test('credentials that opened another camera of the make are tried once, others are not', async () => {
  const { credentials } = api.store;
  const right = credentials.remember({ make: 'maker', username: 'admin', password: 'right' });
  credentials.remember({ make: 'other', username: 'admin', password: 'others' });
  credentials.remember({ make: null, username: 'admin', password: 'unknown’s' });
  assert.deepEqual(adoptions(await found(device(1, 'right'))), [['added', 'camera-1']]);
  assert.deepEqual(logins(), ['right']);
  assert.deepEqual(asked.at(-1)?.logins, 1, 'one way to log in');
  assert.equal(api.cameras.camera('camera-1')?.has_password, true);
  assert.equal(credentials.list().find(({ id }) => id === right)?.cameras, 1);
});

test('two refused sets are the most for a camera, over several searches too', async () => {
  for (const password of ['a', 'b', 'c'])
    api.store.credentials.remember({ make: 'maker', username: 'admin', password });
  const { adoption, make, onvif_error } = only(await found(device(1, 'secret')));
  assert.deepEqual([adoption, make, onvif_error?.code], ['needs_password', 'maker', 'refused']);
  assert.equal(logins().length, 2);
  for (let n = 0; n < 5; n++) await found(device(1, 'secret'));
  assert.equal(logins().length, 2);
  await found(device(2, 'secret'));
  assert.equal(logins().length, 4, 'another camera has its own count');
});

test('a typed password: wrong is said, right adds the camera and the others of its make, and is remembered', async () => {
  await found(device(1, 'right'), device(2, 'right'), device(3, 'right', { manufacturer: 'Other' }));
  const type = (password: string, ...devices: string[]) =>
    call<Discovery>(api, 'POST', '/api/discovery/credentials', { devices, username: 'admin', password });
  const started = await type('wrong', 'urn:uuid:1');
  assert.equal(started.status, 202);
  assert.equal(started.body.devices[0]?.adoption, 'asking');
  const refused = (await quiet()).devices[0];
  assert.equal(refused?.adoption, 'needs_password');
  assert.equal(refused?.onvif_error?.code, 'wrong_password');
  assert.match(refused?.onvif_error?.message ?? '', /^Wrong password/);
  assert.doesNotMatch(JSON.stringify(refused), /"wrong"/);

  await type('right', 'urn:uuid:1');
  const opened = await until(async () => {
    const body = await quiet();
    return body.devices[1]?.adoption === 'added' && body;
  }, 'the other camera of the make');
  assert.deepEqual(
    opened.devices.map(({ adoption }) => adoption),
    ['added', 'added', 'needs_password'],
  );
  assert.deepEqual(logins(), ['wrong', 'right', 'right']);
  const { body, status } = await call<CredentialList>(api, 'GET', '/api/credentials');
  assert.equal(status, 200);
  assert.deepEqual(body.credentials, [{ id: 1, make: 'maker', username: 'admin', cameras: 2 }]);

  assert.deepEqual(adoptions(await found(device(4, 'right'))), [['added', 'camera-4']], 'in a later search');
  assert.equal((await call(api, 'DELETE', '/api/credentials/1')).status, 204);
  assert.equal((await call(api, 'DELETE', '/api/credentials/1')).status, 404);
  assert.equal(only(await found(device(5, 'right'))).adoption, 'needs_password');
});

test('typed passwords are held back before the camera would lock its account', async () => {
  await found(device(1, 'secret'));
  for (let n = 0; n < 5; n++) {
    const body = { devices: ['urn:uuid:1'], username: 'admin', password: `guess ${n}` };
    await call(api, 'POST', '/api/discovery/credentials', body);
    await quiet();
  }
  assert.equal(logins().length, 3);
  const { adoption, onvif_error } = only(await state());
  assert.equal(adoption, 'needs_password');
  assert.equal(onvif_error?.code, 'too_many_attempts');
  assert.match(onvif_error?.message ?? '', /not tried for \d+ minutes/);
});

test('a device that the last search did not find cannot be logged in to', async () => {
  const login = { devices: ['urn:uuid:7'], username: 'admin', password: 'x' };
  const { status, body } = await call(api, 'POST', '/api/discovery/credentials', login);
  assert.equal(status, 404);
  assert.equal(body.error.code, 'unknown_device');
});

test('a camera that is removed during the search is left out of it, and comes back with the next', async () => {
  await adopt();
  searches[0]?.found(device(1, ''));
  await until(() => api.cameras.all.has('camera-1'), 'the camera');
  await call(api, 'DELETE', '/api/cameras/camera-1');
  assert.deepEqual(adoptions(await state()), [['left_out', null]]);
  const better = device(1, '', { onvif_url: 'http://192.0.2.1:8000/onvif' });
  passwords.set('http://192.0.2.1:8000/onvif', '');
  searches[0]?.found(better);
  searches[0]?.finish([better]);
  const body = { devices: ['urn:uuid:1'], username: 'admin', password: 'x' };
  await call(api, 'POST', '/api/discovery/credentials', body);
  assert.deepEqual(adoptions(await quiet()), [['left_out', null]]);
  assert.equal(api.cameras.all.size, 0);
  assert.deepEqual(adoptions(await found(device(1, ''))), [['added', 'camera-1']]);
});

test('a daemon that is stopped in the middle adds nothing any more, and has counted the login that was on its way', async () => {
  api.store.credentials.remember({ make: 'maker', username: 'admin', password: 'right' });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  await adopt();
  searches[0]?.found(device(1, 'right'));
  await until(() => logins().length === 1, 'the login');
  const { app, cameras, store } = api;
  assert.ok(store.settings.get('login_attempts'), 'counted before it was answered');
  const closed = app.close();
  await until(() => asked.at(-1)?.signal?.aborted, 'the question to be taken back');
  resolve();
  await closed;
  assert.equal(cameras.all.size, 0);
});

test('credentials are tried also when it becomes known only later who made the camera', async () => {
  api.store.credentials.remember({ make: 'maker', username: 'admin', password: 'right' });
  const vague = { manufacturer: null, hardware: 'Box' };
  await adopt();
  searches[0]?.found(device(1, 'right', vague));
  await until(async () => only(await state()).adoption === 'needs_password', 'the question');
  assert.equal(only(await state()).make, 'box');
  searches[0]?.found(device(1, 'right'));
  searches[0]?.finish([device(1, 'right')]);
  assert.deepEqual(adoptions(await quiet()), [['added', 'camera-1']]);
});
