/** Real virtual cameras over ONVIF and RTSP: measured, mended, measured again; moved, and always stopped. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { CameraReboots } from '../../daemon/camera/cameraReboots.ts';
import { CameraSet } from '../../daemon/camera/cameraSet.ts';
import { Commissioning } from '../../daemon/camera/commissioning.ts';
import { describeOnvif } from '../../daemon/camera/onvif.ts';
import { PtzControl } from '../../daemon/camera/ptz.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import type { Advice, AuditEntry, Camera, CameraReboot, FixResult, Ptz } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { software } from '../decode/fakes.ts';
import { noRemuxer } from '../ingest/noRemuxer.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

const PASSWORD = 'hunter2';
const LOGIN = { username: 'admin', password: PASSWORD };

let api: ApiServer;
let store: Store;
let cameras: CameraSet;
let virtual: VirtualCameras;
let gate: VirtualCamera;
let dome: VirtualCamera;
let running: Promise<unknown>;
const stop = new AbortController();

before(async () => {
  const shape = { seconds: 8, port: 0, auth: 'digest', password: PASSWORD } as const;
  // What it shows when it is set up well is made now: an encoder needs no longer than a real one to begin anew then.
  await (await startVirtualCameras({ cameras: [{ name: 'Gate', ...shape }] })).close();
  virtual = await startVirtualCameras({
    cameras: [
      { name: 'Gate', gop: 4, subSize: { width: 960, height: 540 }, ...shape },
      { name: 'Dome', ptz: true, ...shape },
    ],
  });
  [gate, dome] = virtual.cameras as [VirtualCamera, VirtualCamera];
  store = openStore(':memory:').store;
  const log = pino({ level: 'silent' });
  const ffmpeg = await findFfmpeg({});
  const sandbox = await probeSandbox({ program: ffmpeg.path });
  cameras = new CameraSet({
    store,
    tools: () => ({ ffmpeg, sandbox, decoder: software }),
    remuxer: noRemuxer,
    rtspTimeout: 5000,
    log,
  });
  const commissioning = new Commissioning({ store, cameras, log, automatic: true, after: 100 });
  const ptz = new PtzControl({ store, cameras, log });
  running = Promise.all([cameras, commissioning, ptz].map((part) => part.run(stop.signal)));
  api = await startApi({ cameras, store, commissioning, ptz, reboots: new CameraReboots(store) });
  const bodies = [
    { id: 'gate', name: 'Gate', address: gate.onvifUrl, ...LOGIN },
    { id: 'dome', name: 'Dome', address: dome.onvifUrl, ...LOGIN },
  ];
  for (const body of bodies) assert.equal((await call(api, 'POST', '/api/cameras', body)).status, 201);
});
after(async () => {
  stop.abort();
  await running;
  await api?.close();
  store.close();
  await virtual.close();
});

const advice = async (id: string) => (await call<Advice>(api, 'GET', `/api/cameras/${id}/advice`)).body;
const measured = (id: string) =>
  until(
    async () => {
      const now = await advice(id);
      return (now.state === 'done' || now.state === 'failed') && now;
    },
    `${id} to be measured`,
    120_000,
  );

describe('a camera that was added', { timeout: 300_000 }, () => {
  it('is measured by itself, and one that is set up well has nothing to mend', async () => {
    assert.equal((await measured('gate')).state, 'done');
    const dome = await measured('dome');
    assert.deepEqual([dome.state, dome.findings, dome.message], ['done', [], null]);
    assert.ok(Math.abs((dome.time ?? 0) - Date.now() / 1000) < 300);
    assert.ok(Math.abs(dome.clock_skew ?? Number.NaN) < 5, `its clock: ${dome.clock_skew}`);
    assert.deepEqual(
      dome.streams.map(({ name, codec, width, height }) => [name, codec, width, height]),
      [
        ['dome_main', 'h264', 1280, 720],
        ['dome_sub', 'h264', 640, 360],
      ],
    );
    for (const { name, fps, bitrate, key_frame_interval, first_picture } of dome.streams) {
      assert.ok(Math.abs((fps ?? 0) - 15) < 1.5, `${name}: ${fps} fps`);
      assert.ok(
        Math.abs((key_frame_interval ?? 0) - 1) < 0.2,
        `${name}: a key picture every ${key_frame_interval} s`,
      );
      assert.ok((bitrate ?? 0) > 50_000 && (bitrate ?? 0) < 20e6, `${name}: ${bitrate} bit/s`);
      assert.ok((first_picture ?? 0) > 0 && (first_picture ?? 99) < 10, `${name}: after ${first_picture} s`);
    }
  });

  it('with key frames four seconds apart and a large small stream is told so, and mended while it is looked at', async () => {
    const { findings } = await advice('gate');
    assert.deepEqual(
      findings.map(({ code, stream, seen, fixable }) => [code, stream, seen, fixable]),
      [
        ['gop_long', 'gate_main', '4 s', true],
        ['gop_long', 'gate_sub', '4 s', true],
        ['sub_stream_large', 'gate_sub', '960×540', true],
      ],
    );
    // A wall keeps the session open, and with it what was known of the stream.
    const supervisor = cameras.supervisors.find(({ source }) => source.name === 'gate_sub');
    let seen = 0;
    const release = supervisor!.watch(() => {
      seen += 1;
    });
    // Two key frames: the long interval is known.
    await until(() => seen > 65, 'pictures', 60_000);
    const { connects } = supervisor!;
    const { status, body } = await call<FixResult>(api, 'POST', '/api/cameras/gate/fix', {
      findings: ['gop_long', 'sub_stream_large'],
    });
    assert.equal(status, 200);
    assert.deepEqual(body.failed, []);
    assert.deepEqual(body.changes, [
      { stream: 'gate_main', what: 'gop', before: '60', after: '15' },
      { stream: 'gate_sub', what: 'size', before: '960×540', after: '640×360' },
      { stream: 'gate_sub', what: 'gop', before: '60', after: '15' },
    ]);
    assert.equal(body.advice.state, 'running');
    // The camera says so itself.
    const { profiles } = await describeOnvif({ address: gate.onvifUrl, ...LOGIN });
    assert.deepEqual(
      profiles.map(({ gop, width, height }) => [gop, width, height]),
      [
        [15, 1280, 720],
        [15, 640, 360],
      ],
    );
    assert.deepEqual((await measured('gate')).findings, []);
    assert.equal(supervisor!.connects, connects, 'one session for everybody');
    release();
    const { streams } = (await call<Camera>(api, 'GET', '/api/cameras/gate')).body;
    assert.deepEqual(
      streams.map(({ width, height }) => [width, height]),
      [
        [1280, 720],
        [640, 360],
      ],
    );
    const { body: audit } = await call<{ entries: AuditEntry[] }>(api, 'GET', '/api/audit');
    const entry = audit.entries.find(({ action }) => action === 'camera.fix');
    assert.deepEqual(
      [entry?.target, entry?.detail],
      ['gate', 'gate_main gop 60 → 15, gate_sub size 960×540 → 640×360, gate_sub gop 60 → 15'],
    );
  });

  it('is not set to anything that was not found', async () => {
    const { status, body } = await call(api, 'POST', '/api/cameras/gate/fix', { findings: ['clock_wrong'] });
    assert.equal(status, 409);
    assert.equal(body.error.code, 'measure_first');
  });

  it('is asked how many sessions it grants, when somebody wants to know', async () => {
    assert.equal((await advice('dome')).sessions, null);
    const count = async () => {
      const before = (await advice('dome')).sessions?.time;
      assert.equal((await call(api, 'POST', '/api/cameras/dome/advice?sessions=true')).status, 202);
      const now = await until(
        async () => {
          const { state, sessions, findings } = await advice('dome');
          return state !== 'running' && sessions?.time !== before && { sessions, findings };
        },
        'the sessions to be counted',
        120_000,
      );
      await until(() => dome.stats.sessions === held, 'all to be given back');
      const found = now.findings.map(({ code, severity, seen }) => [code, severity, seen]);
      return [now.sessions?.stream, now.sessions?.granted, now.sessions?.end, found];
    };
    // Nobody looks: one of the box's own for a while, and four more.
    let held = 0;
    assert.deepEqual(await count(), ['dome_sub', 5, 'enough', []]);
    await dome.fault({ capacity: 3 });
    assert.deepEqual(await count(), ['dome_sub', 3, 'refused', []]);
    // With the large picture on the wall that is one of the two.
    const main = cameras.supervisors.find(({ source }) => source.name === 'dome_main');
    const release = main!.watch(() => {});
    await until(() => main!.state === 'live', 'the large picture');
    held = 1;
    const { connects } = main!;
    await dome.fault({ capacity: 2 });
    assert.deepEqual(await count(), ['dome_sub', 2, 'refused', [['sessions_few', 'hint', '2']]]);
    assert.equal(main!.connects, connects, 'the wall’s picture goes on');
    // What was counted stays known when only the rest is measured.
    await dome.clearFaults();
    await call(api, 'POST', '/api/cameras/dome/advice');
    assert.equal((await measured('dome')).sessions?.granted, 2);
    // Of those that end the oldest session for the newest, the wall's own picture is one.
    await dome.fault({ capacity: 4, displaces: true });
    assert.deepEqual(await count(), ['dome_sub', 4, 'displaced', [['sessions_few', 'warning', '4']]]);
    await until(() => main!.state === 'live', 'the large picture again');
    release();
    await dome.clearFaults();
  });

  it('has no sessions to count where it is switched off', async () => {
    const { streams } = (await call<Camera>(api, 'GET', '/api/cameras/dome')).body;
    for (const { name } of streams) await call(api, 'POST', `/api/streams/${name}/stop`);
    const { status, body } = await call(api, 'POST', '/api/cameras/dome/advice?sessions=true');
    assert.deepEqual([status, body.error.code], [409, 'no_sessions']);
    for (const { name } of streams) await call(api, 'POST', `/api/streams/${name}/start`);
  });

  it('that is away is measured as far as it goes, and says what is wrong', async () => {
    await gate.fault({ refuse: true });
    assert.equal((await call(api, 'POST', '/api/cameras/gate/advice')).status, 202);
    const away = await until(
      async () => {
        const now = await advice('gate');
        return now.state === 'failed' && now;
      },
      'the measurement to fail',
      120_000,
    );
    assert.match(away.message ?? '', /gate_main: .+\. gate_sub: .+/);
    assert.doesNotMatch(JSON.stringify(away), new RegExp(PASSWORD));
    await gate.clearFaults();
  });

  it('that there is not has no advice', async () => {
    for (const [method, path, body] of [
      ['GET', '/api/cameras/nowhere/advice', undefined],
      ['POST', '/api/cameras/nowhere/advice', undefined],
      ['POST', '/api/cameras/nowhere/fix', { findings: ['gop_long'] }],
      ['GET', '/api/cameras/nowhere/ptz', undefined],
      ['POST', '/api/cameras/nowhere/ptz', { action: 'stop' }],
    ] as const) {
      const answer = await call(api, method, path, body);
      assert.deepEqual([answer.status, answer.body.error.code], [404, 'camera_not_found'], path);
    }
  });
});

describe('a camera that can be moved', { timeout: 120_000 }, () => {
  const move = (body: unknown, id = 'dome') => call(api, 'POST', `/api/cameras/${id}/ptz`, body);
  const calls = () => dome.ptz!.calls.map(({ call: name }) => name);

  it('is known as one, and says what it can', async () => {
    const { body } = await call<{ cameras: Camera[] }>(api, 'GET', '/api/cameras');
    assert.deepEqual(body.cameras.map(({ id, ptz }) => [id, ptz]).sort(), [
      ['dome', true],
      ['gate', false],
    ]);
    assert.deepEqual((await call<Ptz>(api, 'GET', '/api/cameras/dome/ptz')).body, {
      supported: true,
      home: true,
      absolute: true,
      relative: true,
      position: { pan: 0, tilt: 0, zoom: 0 },
      presets: [],
    });
    assert.equal((await call<Ptz>(api, 'GET', '/api/cameras/gate/ptz')).body.supported, false);
    const refused = await move({ action: 'home' }, 'gate');
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'not_supported']);
  });

  it('moves until it is told to stop', async () => {
    assert.equal((await move({ action: 'move', pan: 0.5, seconds: 10 })).status, 204);
    assert.equal(dome.ptz!.moving, true);
    assert.equal((await move({ action: 'stop' })).status, 204);
    assert.equal(dome.ptz!.moving, false);
    assert.deepEqual(calls(), ['ContinuousMove', 'Stop']);
  });

  it('stops though nobody says so', async () => {
    await move({ action: 'move', zoom: -1, seconds: 0.3 });
    await until(() => calls().length === 4, 'the stop');
    assert.deepEqual(calls().slice(2), ['ContinuousMove', 'Stop']);
    assert.equal(dome.ptz!.moving, false);
  });

  it('keeps presets, and goes to them', async () => {
    assert.equal((await move({ action: 'set_preset', name: 'Door' })).status, 204);
    const { presets } = (await call<Ptz>(api, 'GET', '/api/cameras/dome/ptz')).body;
    assert.deepEqual(
      presets.map(({ name }) => name),
      ['Door'],
    );
    const preset = presets[0]!.preset;
    assert.equal((await move({ action: 'preset', preset })).status, 204);
    assert.ok(calls().includes('GotoPreset'));
    assert.equal((await move({ action: 'remove_preset', preset })).status, 204);
    assert.deepEqual((await call<Ptz>(api, 'GET', '/api/cameras/dome/ptz')).body.presets, []);
  });

  it('is known as one too when its ONVIF address is told later', async () => {
    const streams = [{ profile: 'main', rtsp_url: dome.rtspUrl('main') }];
    const added = await call<Camera>(api, 'POST', '/api/cameras', {
      id: 'later',
      name: 'Later',
      streams,
      ...LOGIN,
    });
    assert.deepEqual([added.status, added.body.ptz], [201, false]);
    assert.equal((await move({ action: 'move', pan: 1 }, 'later')).body.error.code, 'not_supported');
    const body = { address: dome.onvifUrl };
    const { status, body: known } = await call<Camera>(api, 'PATCH', '/api/cameras/later', body);
    assert.deepEqual([status, known.ptz], [200, true]);
    assert.equal((await move({ action: 'move', pan: 1, seconds: 10 }, 'later')).status, 204);
    assert.equal(dome.ptz!.moving, true);
    // Whoever moved it is gone with it.
    assert.equal((await call(api, 'DELETE', '/api/cameras/later')).status, 204);
    await until(() => !dome.ptz!.moving, 'a camera that stands');
  });

  it('refuses what is no command', async () => {
    for (const body of [
      {},
      { action: 'jump' },
      { action: 'move', pan: 2 },
      { action: 'move', pan: 'left' },
      { action: 'preset' },
      { action: 'move', seconds: 1e9 },
    ])
      assert.equal((await move(body)).status, 400, JSON.stringify(body));
  });
});

describe('a camera that is told to restart', () => {
  const asked = () =>
    describeOnvif({ address: gate.onvifUrl, ...LOGIN, timeout: 3_000 }).then(
      () => 'there',
      ({ code }) => code,
    );

  it('goes down and comes back, and the audit log says who told it', async () => {
    const { status, body } = await call<CameraReboot>(api, 'POST', '/api/cameras/gate/reboot');
    assert.deepEqual([status, body], [200, { message: 'Rebooting in 3 seconds' }]);
    await until(async () => (await asked()) === 'unreachable', 'a camera that is away');
    await until(async () => (await asked()) === 'there', 'a camera that is back');
    const { entries } = (await call<{ entries: AuditEntry[] }>(api, 'GET', '/api/audit')).body;
    assert.deepEqual(
      entries.filter(({ action }) => action === 'camera.reboot').map(({ target }) => target),
      ['gate'],
    );
  });

  it('has to be one that is known', async () => {
    const { status, body } = await call(api, 'POST', '/api/cameras/nobody/reboot');
    assert.deepEqual([status, body.error.code], [404, 'camera_not_found']);
  });
});
