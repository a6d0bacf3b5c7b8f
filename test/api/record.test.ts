import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { CameraSet } from '../../daemon/camera/cameraSet.ts';
import { ServiceRecords } from '../../daemon/camera/serviceRecord.ts';
import { UnchangedWatch } from '../../daemon/camera/unchanged.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import type { Camera, ServiceRecord, StreamState } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { software } from '../decode/fakes.ts';
import { noRemuxer } from '../ingest/noRemuxer.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

const PASSWORD = 'hunter2';

let api: ApiServer;
let store: Store;
let folder: string;
let virtual: VirtualCameras;
let unchanged: UnchangedWatch;
let running: Promise<unknown>;
const stop = new AbortController();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'walleye-record-'));
  virtual = await startVirtualCameras({
    cameras: [{ name: 'Gate', scene: 'street', seconds: 2, auth: 'digest', password: PASSWORD, port: 0 }],
  });
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
  const records = new ServiceRecords({ store, cameras, log });
  store.settings.patchSettings({ unchanged_seconds: 1 });
  unchanged = new UnchangedWatch({
    hubs: () =>
      cameras.supervisors.flatMap((one) => one.renditions.map(({ hub }) => ({ camera: 'gate', hub }))),
    limit: () => store.settings.settings().unchanged_seconds,
    note: (camera) => records.note(camera, 'unchanged'),
    log,
  });
  running = Promise.all([cameras, records, unchanged].map((part) => part.run(stop.signal)));
  api = await startApi({ cameras, store, records, note: (camera, what) => records.note(camera, what) });
});
after(async () => {
  stop.abort();
  await running;
  await api.close();
  store.close();
  await virtual.close();
  rmSync(folder, { recursive: true });
});

async function record(): Promise<ServiceRecord> {
  const { status, body } = await call<ServiceRecord>(api, 'GET', '/api/cameras/gate/record');
  assert.equal(status, 200);
  return body;
}

async function reaches(state: StreamState): Promise<void> {
  await until(
    async () =>
      (await call<Camera>(api, 'GET', '/api/cameras/gate')).body.streams.some((one) => one.state === state),
    `the camera to be ${state}`,
    40_000,
  );
}

test('a camera that stops, or hangs, has a record that shows for how long, and why', async () => {
  const camera = virtual.cameras[0]!;
  const rtsp_url = camera.rtspUrl('sub').replace('rtsp://', `rtsp://admin:${PASSWORD}@`);
  const body = { name: 'Gate', id: 'gate', streams: [{ profile: 'sub', rtsp_url }] };
  assert.equal((await call(api, 'POST', '/api/cameras', body)).status, 201);
  assert.deepEqual(await record(), { camera: 'gate', days: [], uptime_percent: null, errors: [] });

  const watching = new AbortController();
  const pictures = await fetch(`${api.url}/api/streams/gate_sub/mjpeg`, { signal: watching.signal });
  assert.equal(pictures.status, 200);
  const reading = pictures.body!.pipeTo(new WritableStream(), { signal: watching.signal }).catch(() => {});
  await reaches('live');
  const well = await until(async () => {
    const now = await record();
    return (now.days[0]?.live_seconds ?? 0) > 0 && now;
  }, 'time with pictures');
  assert.equal(well.days[0]?.connects, 1);
  assert.equal(well.days[0]?.stalled_seconds, 0);
  assert.deepEqual(well.errors, []);

  await camera.fault({ stopSending: true });
  await reaches('stalled');
  await camera.fault({ stopSending: false, refuse: true });
  await reaches('gone');
  const ill = await until(async () => {
    const now = await record();
    return (now.days[0]?.stalled_seconds ?? 0) > 0 && now.errors.length >= 2 && now;
  }, 'time without pictures, and both errors');
  assert.ok(ill.uptime_percent! > 0 && ill.uptime_percent! < 100);
  const stalled = ill.errors.find(({ code }) => code === 'stalled');
  assert.equal(stalled?.stream, 'gate_sub');
  assert.match(stalled.message, /no packet/);
  assert.ok(Math.abs(stalled.time - Date.now() / 1000) < 600);
  assert.match(ill.errors[0]?.code ?? '', /unreachable|closed/);
  assert.doesNotMatch(JSON.stringify(ill), new RegExp(PASSWORD));

  await camera.clearFaults();
  await reaches('live');
  assert.ok((await record()).days[0]!.connects >= 2);

  assert.equal((await record()).days[0]?.unchanged, 0);
  for (const times of [1, 2]) {
    await camera.fault({ repeat: true });
    await until(async () => (await record()).days[0]?.unchanged === times, 'the same picture to be noticed');
    await until(() => unchanged.cameras.has('gate'), 'it to go on');
    await camera.fault({ repeat: false });
    await until(() => !unchanged.cameras.has('gate'), 'another picture');
    assert.equal((await record()).days[0]?.unchanged, times, 'counted once each time');
  }
  watching.abort();
  await reading;
});

test('the record of a camera that is not there is not found', async () => {
  const { status, body } = await call(api, 'GET', '/api/cameras/nobody/record');
  assert.equal(status, 404);
  assert.equal(body.error.code, 'camera_not_found');
});

test('a removed camera takes its record along', async () => {
  assert.notDeepEqual((await record()).days, []);
  assert.equal((await call(api, 'DELETE', '/api/cameras/gate')).status, 204);
  const rtsp_url = virtual.cameras[0]!.rtspUrl('sub');
  const body = { name: 'Gate', id: 'gate', streams: [{ profile: 'sub', rtsp_url }] };
  assert.equal((await call(api, 'POST', '/api/cameras', body)).status, 201);
  assert.deepEqual((await record()).days, []);
  assert.deepEqual((await record()).errors, []);
});
