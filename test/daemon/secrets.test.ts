/**
 * Cameras with passwords that are found nowhere else: the real daemon is asked for all that it has, also in the wrong
 * way, and nothing that comes out of it may hold one of them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { walleye } from '../system/cliProcess.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';
import { descendants, ffmpegsUnder } from './processes.ts';

/** What every password of this test contains, with characters around that URLs, JSON and XML escape. */
const CORES = ['Zq7GateKxw', 'Zq7YardVbn', 'Zq7FarmPls', 'Zq7WrongRty', 'Zq7OnvifMnb', 'Zq7BulkJhg'] as const;
const [GATE, YARD, FARM, WRONG, ONVIF, BULK] = CORES.map((core) => `${core}/ö@"<7`) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

/** How text looks in base64, at each of the three places where it can begin. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift, 0x61), Buffer.from(text)]).toString('base64');
    // What depends on the neighbours is left out.
    return encoded.slice(shift === 0 ? 0 : 4, Math.floor((shift + text.length) / 3) * 4);
  });
}

const FORMS = CORES.flatMap((core) =>
  [core, Buffer.from(core).toString('hex'), ...base64Forms(core)].map((form) => ({ core, form })),
);

/** Which of the passwords stand in it, in the clear, percent-encoded, escaped, as base64 or hexadecimal. */
function found(text: string): string[] {
  return [...new Set(FORMS.filter(({ form }) => text.includes(form)).map(({ core }) => core))];
}

it('the search finds a password however it is written', () => {
  for (const text of [
    `x ${GATE} y`,
    `rtsp://admin:${encodeURIComponent(GATE)}@camera/`,
    JSON.stringify({ text: JSON.stringify({ GATE }) }),
    Buffer.from(`admin:${GATE}`).toString('base64'),
    Buffer.from(`root:${GATE}`).toString('base64'),
    Buffer.from(GATE).toString('base64url'),
    Buffer.from(GATE).toString('hex'),
  ])
    assert.deepEqual(found(text), [CORES[0]], text);
  assert.deepEqual(found('nothing'), []);
});

describe('the passwords of cameras', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let viewer: MjpegViewer | undefined;
  /** Everything that the daemon said, with where it said it. */
  const heard: [place: string, text: string][] = [];

  const ask = async (method: string, path: string, body?: unknown): Promise<number> => {
    const response = await fetch(`${daemon.url}${path}`, {
      method,
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          }),
    });
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
    const headers = JSON.stringify([...response.headers]);
    heard.push([`${method} ${path} → ${response.status}`, `${headers}\n${text}`]);
    return response.status;
  };
  const clean = () => {
    const leaks = heard.flatMap(([place, text]) =>
      found(text).map((core) => `${place} shows ${core}: ${text.slice(0, 500)}`),
    );
    assert.equal(leaks.join('\n'), '');
  };

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Gate', auth: 'digest', password: GATE, port: 0 },
        { name: 'Yard', auth: 'basic', password: YARD, port: 0 },
        { name: 'Farm', auth: 'digest', password: FARM, port: 0 },
      ],
    });
    // Kept by the test, to look at after the daemon has stopped.
    const stateDir = await mkdtemp(join(tmpdir(), 'walleye-secrets-'));
    daemon = await startDaemon({ env: { WALLEYE_LOG_LEVEL: 'trace' }, stateDir });
    const events = new WebSocket(`${daemon.url.replace('http', 'ws')}/api/events?page=test`);
    events.on('message', (data) => heard.push(['an event', String(data)]));
    events.on('error', () => {});
  });
  after(async () => {
    await viewer?.close();
    await daemon?.stop();
    await cameras?.close();
    if (daemon) await rm(daemon.stateDir, { recursive: true, force: true });
  });

  it('are in no answer to whoever adds and changes cameras, rightly or wrongly', async () => {
    const [gate, yard, farm] = cameras.cameras as [VirtualCamera, VirtualCamera, VirtualCamera];
    const login = { username: 'admin', password: GATE };
    assert.equal(
      await ask('POST', '/api/cameras', { id: 'gate', name: 'Gate', address: gate.onvifUrl, ...login }),
      201,
    );
    const streams = [{ profile: 'sub', rtsp_url: yard.rtspUrl('sub') }];
    assert.equal(
      await ask('POST', '/api/cameras', {
        id: 'yard',
        name: 'Yard',
        streams,
        username: 'admin',
        password: YARD,
      }),
      201,
    );
    const within = farm.rtspUrl('sub').replace('://', `://admin:${encodeURIComponent(FARM)}@`);
    assert.equal(await ask('POST', '/api/streams', { name: 'farm', rtsp_url: within }), 201);
    // XiongMai and its like want the login in the address; such an address may stand in an ONVIF answer, too.
    const addresses = {
      'in-query': `${farm.rtspUrl('sub')}?user=admin&password=${CORES[2]}`,
      'in-path': `${farm.rtspUrl('sub')}/user=admin_password=${CORES[2]}_channel=1`,
    };
    for (const [name, rtsp_url] of Object.entries(addresses)) {
      assert.equal(await ask('POST', '/api/streams', { name, rtsp_url }), 201);
      const kept = await daemon.api<{ rtsp_url: string }>('GET', `/api/streams/${name}`);
      assert.match(kept.rtsp_url, /password=\*\*\*/);
    }
    const address = gate.onvifUrl.replace('://', `://admin:${encodeURIComponent(GATE)}@`);
    assert.equal(await ask('POST', '/api/cameras', { id: 'gate2', name: 'Gate 2', address }), 201);
    // Wrong in every way that comes to mind.
    const wrong = { username: 'admin', password: WRONG };
    await ask('POST', '/api/cameras', { id: 'gate', name: 'Gate', streams, ...wrong });
    await ask('POST', '/api/cameras', { name: 'Wrong', address: gate.onvifUrl, ...wrong });
    await ask('POST', '/api/cameras', { name: 'None', address: '127.0.0.1:9', ...wrong });
    await ask('POST', '/api/cameras', { name: 'x', address: `http://admin:${WRONG}@127.0.0.1:9/`, ...wrong });
    await ask('POST', '/api/cameras', { name: 'Refused', id: 'refused', streams, ...wrong });
    await ask('POST', '/api/streams', {
      name: 'refused2',
      rtsp_url: yard.rtspUrl('sub').replace('://', `://admin:${WRONG}@`),
    });
    for (const url of [
      `rtsp://admin:${WRONG}@`,
      `http://admin:${WRONG}@127.0.0.1/`,
      `rtsp://admin:${WRONG}@127.0.0.1:99999/`,
    ])
      await ask('POST', '/api/streams', { name: 'bad', rtsp_url: url });
    await ask('POST', '/api/cameras', `{"name":"x","password":"${CORES[3]}",}`);
    await ask('POST', '/api/cameras', { name: 'x', pasword: WRONG });
    await ask('POST', '/api/cameras', { name: 'x', password: [WRONG] });
    await ask('PATCH', '/api/cameras/gate', { passwort: WRONG });
    await ask('PATCH', '/api/cameras/yard', { username: 'admin', password: YARD });
    for (const address of [
      gate.onvifUrl,
      '127.0.0.1:9',
      `http://admin:${ONVIF}@127.0.0.1:9/onvif`,
      'not an address',
    ])
      await ask('POST', '/api/onvif', { address, username: 'admin', password: ONVIF });
    await ask('POST', '/api/discovery', { seconds: 1, username: 'admin', password: ONVIF });
    await ask('POST', '/api/discovery/credentials', { devices: ['x'], username: 'admin', password: ONVIF });
    await ask('POST', '/api/config/streams', {
      streams: [
        { name: 'bulk', rtsp_url: `rtsp://admin:${BULK}@127.0.0.1:9/x` },
        { name: 'bulk wrong', rtsp_url: `rtsp://admin:${BULK}@127.0.0.1:9/x`, password: BULK },
        { name: 'bulk2', rtsp_url: `http://admin:${BULK}@127.0.0.1:9/x`, extra: BULK },
      ],
    });
    for (const name of ['gate_sub', 'refused2', 'bulk']) await ask('POST', `/api/streams/${name}/start`);
    clean();
  });

  it('are in nothing that can be read, while cameras play and others refuse', async () => {
    const { streams } = await daemon.api<{ streams: { name: string }[] }>('GET', '/api/streams');
    const names = streams.map(({ name }) => name);
    assert.ok(names.includes('yard_sub') && names.includes('farm'), names.join());
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/yard_sub/mjpeg`, () => {});
    await ask('GET', '/api/streams/farm/snapshot.jpg');
    await ask('GET', '/api/streams/refused2/snapshot.jpg');
    const state = async (name: string) =>
      (await daemon.api<{ state: string }>('GET', `/api/streams/${name}`)).state;
    await until(
      'the wrong password to be refused',
      async () => (await state('refused2')) === 'refused',
      60_000,
    );
    await until('a decoder', () => ffmpegsUnder(daemon.pid).length > 0);

    for (const path of await readable()) {
      await ask('GET', path);
      await ask('GET', `${path}?password=x`);
    }
    await ask('GET', '/metrics');
    await ask('GET', '/api/docs');
    assert.equal(await ask('POST', '/api/system/backup', { passphrase: 'a long passphrase' }), 200);
    assert.ok(heard.length > 50, `only ${heard.length} answers were heard`);
    clean();
  });

  it('are in no argument and no environment of its processes', () => {
    const processes = [daemon.pid, ...descendants(daemon.pid).map(({ pid }) => pid)];
    assert.ok(processes.length > 1, 'a decoder runs');
    for (const pid of processes) {
      for (const file of ['cmdline', 'environ', 'comm']) {
        const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
        assert.deepEqual(found(text), [], `/proc/${pid}/${file}: ${text}`);
      }
    }
  });

  it('are in nothing that `walleye` prints', async () => {
    for (const args of [
      ['cameras'],
      ['camera', 'gate'],
      ['streams'],
      ['stream', 'url', 'farm'],
      ['status'],
      ['discover', '--last'],
    ]) {
      for (const json of [[], ['--json']]) {
        const { out, err } = await walleye(daemon.url, [...args, ...json]);
        heard.push([`walleye ${args.join(' ')}`, out + err]);
      }
    }
    const { err } = await walleye(daemon.url, ['camera', 'add', 'X', '--url', `rtsp://admin:${WRONG}@`]);
    heard.push(['walleye camera add', err]);
    clean();
  });

  it('are not in the log, at its most talkative', () => {
    assert.ok(daemon.log.length > 20);
    for (const line of daemon.log) assert.deepEqual(found(line), [], line);
  });

  it('are in no file of the state folder, neither running nor stopped', async () => {
    const check = () => {
      const files = readdirSync(daemon.stateDir, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      assert.ok(files.some(({ name }) => name === 'walleye.sqlite'));
      for (const { parentPath, name } of files)
        assert.deepEqual(found(readFileSync(join(parentPath, name), 'latin1')), [], name);
    };
    check();
    await viewer?.close();
    assert.equal(await daemon.stop(), 0);
    check();
    for (const line of daemon.log) assert.deepEqual(found(line), [], line);
  });

  /** Every address that can be read without an end, from the daemon's own OpenAPI document. */
  async function readable(): Promise<string[]> {
    const { paths } = await daemon.api<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/api/docs/json',
    );
    const values: Record<string, string[]> = {
      streams: ['farm', 'in-query', 'in-path', 'yard_sub', 'refused2', 'bulk', 'gate_sub'],
      cameras: ['gate', 'gate2', 'yard', 'refused', 'farm', 'none'],
    };
    return Object.entries(paths)
      .filter(([path, methods]) => methods.get && !/\/(mjpeg|events)$/.test(path))
      .flatMap(([path]) => {
        const collection = path.split('/')[2] ?? '';
        return path.includes('{')
          ? (values[collection] ?? ['none']).map((value) => path.replaceAll(/\{\w+\}/g, value))
          : [path];
      });
  }
});
