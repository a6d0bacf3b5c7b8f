import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FoundDevice } from '../../daemon/api/deps.ts';
import type { OnvifDescription } from '../../daemon/schema.ts';
import { type ApiServer, startApi, until } from '../api/apiServer.ts';
import { camera } from '../api/memoryCameras.ts';
import { CLI, execute, walleye } from './cliProcess.ts';

const device: FoundDevice = {
  id: 'urn:uuid:1',
  address: '192.0.2.64',
  onvif_url: 'http://192.0.2.64/onvif/device_service',
  xaddrs: [],
  name: 'Front \u001b[31mdoor',
  hardware: null,
  location: null,
  mac: null,
  manufacturer: null,
  via: ['ws-discovery'],
  interface: 'eth0',
};

function description(address: string): OnvifDescription {
  const profile = { bitrate: 2048, gop: 30, snapshot_url: null, ptz: false, codec: 'h264', fps: 15 };
  return {
    address,
    manufacturer: 'Maker',
    model: 'M1',
    firmware: '1.0',
    serial: 'S',
    hardware: null,
    clock_skew: 3.21,
    profiles: [
      { ...profile, token: 't0', name: 'main', width: 1280, height: 720, rtsp_url: 'rtsp://192.0.2.64/main' },
    ],
  };
}

let api: ApiServer;
let folder: string;
/** Credentials that the daemon was given for ONVIF. */
const asked: [string | undefined, string | undefined][] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-cli-'));
  api = await startApi({
    discover: async ({ found }) => {
      found(device);
      return { devices: [device], interfaces: ['eth0'], problems: ['wlan0 could not be searched'] };
    },
    describeOnvif: async ({ address, username, password }) => {
      asked.push([username, password]);
      return description(address);
    },
  });
});
after(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]) => walleye(api.url, args);

test('stream: added, listed, shown, stopped, started, removed', async () => {
  assert.equal((await run('streams')).out, 'No streams yet. Add one: walleye stream add NAME rtsp://…\n');
  const added = await run(
    'stream',
    'add',
    'porch',
    'rtsp://192.0.2.7/live',
    '--channel',
    '2',
    '--transport',
    'udp',
  );
  assert.deepEqual(added, { code: 0, out: 'Added porch.\n', err: '' });
  assert.equal(api.cameras.byName.get('porch')?.channel, 2);
  assert.match((await run('streams')).out, /^NAME +CAMERA +STATE .*\nporch +porch +idle /);
  assert.match((await run('stream', 'show', 'porch')).out, /^address +rtsp:\/\/192\.0\.2\.7\/live$/m);
  assert.equal((await run('stream', 'stop', 'porch')).out, 'Stopped porch: stopped.\n');
  assert.equal((await run('stream', 'start', 'porch')).out, 'Started porch: idle.\n');
  const url = await run('stream', 'url', 'porch', '--width', '640', '--quality', '60');
  assert.equal(url.out, `${api.url}/api/streams/porch/mjpeg?width=640&quality=60\n`);
  assert.equal((await run('stream', 'remove', 'porch')).code, 0);
  assert.equal(api.cameras.byName.size, 0);
});

test('--json prints what the daemon answered, before or behind the command', async () => {
  const first = await run('--json', 'status');
  const { health, system } = JSON.parse(first.out);
  assert.equal(health.status, 'ok');
  assert.equal(system.node, process.version);
  assert.deepEqual(JSON.parse((await run('streams', '--json')).out), { total: 0, streams: [] });
});

test('what the daemon refuses ends with status 1 and its sentence', async () => {
  const plain = await run('stream', 'show', 'nobody');
  assert.equal(plain.code, 1);
  assert.equal(plain.out, '');
  assert.match(plain.err, /^walleye: There is no stream nobody\./);
  const json = await run('stream', 'show', 'nobody', '--json');
  assert.equal(JSON.parse(json.err).error.code, 'stream_not_found');
});

test('a name with a slash is one name, and refused as that', async () => {
  const { code, err } = await run('stream', 'remove', '../../etc');
  assert.equal(code, 1);
  assert.match(err, /1 to 64 of/);
});

test('wrong use ends with status 2 and tells the right one', async () => {
  for (const args of [
    ['strems'],
    ['stream', 'add', 'porch'],
    ['stream', 'url', 'porch', '--width', 'wide'],
    ['camera', 'add', 'Porch'],
    ['camera', 'add', 'Porch', '--address', 'a', '--url', 'rtsp://b'],
    ['layout', 'set', 'day', '--grid', '3by3'],
    ['layout', 'set', 'day'],
    ['import', '/nonexistent'],
    ['completion', 'fish'],
  ]) {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(out, '');
    assert.match(err, /\w/);
    assert.doesNotMatch(err, /\n {4}at /);
  }
});

test('help names every command and where the old console’s went', async () => {
  const { code, out } = await run('help');
  assert.equal(code, 0);
  for (const word of [
    'host',
    'status',
    'discover',
    'cameras',
    'camera',
    'onvif',
    'streams',
    'stream',
    'layouts',
    'layout',
  ])
    assert.match(out, new RegExp(`^  ${word}\\b`, 'm'), word);
  assert.match(out, /cctv proxy +walleye stream url/);
});

test('a daemon that does not answer ends with status 3 and how to start it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const streams = await walleye(url, ['streams']);
  assert.equal(streams.code, 3);
  assert.match(streams.err, /Is it running\? Start it with/);
  const host = await walleye(url, ['host']);
  assert.equal(host.code, 0, 'host works without the daemon');
  assert.match(host.out, /daemon +does not answer/);
});

test('the daemon’s address comes from WALLEYE_HOST and WALLEYE_PORT', async () => {
  const env = { WALLEYE_HOST: '127.0.0.1', WALLEYE_PORT: String(api.port) };
  const { code, out } = await execute(process.execPath, [CLI, 'host', '--json'], '', env);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).running, true);
});

test('discover: devices appear while it runs, then in a table; the terminal is safe from their names', async () => {
  const { code, out } = await run('discover', '--seconds', '1');
  assert.equal(code, 0);
  assert.match(out, /^\+ 192\.0\.2\.64 .*1 profiles: 1280×720$/m);
  assert.match(out, /^192\.0\.2\.64 +Front .*Maker M1 +ws-discovery .*h264 1280×720 15/m);
  assert.match(out, /^! wlan0 could not be searched$/m);
  assert.ok(!out.includes('\u001b'));
  const last = await run('discover', '--last', '--json');
  assert.equal(JSON.parse(last.out).devices[0].onvif.model, 'M1');
});

test('onvif: credentials as arguments, or the password from standard input', async () => {
  const shown = await run('onvif', '192.0.2.64', 'admin', 'p@ss word');
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^clock +3\.2 s ahead/m);
  assert.match(shown.out, /^main +t0 +h264 +1280×720/m);
  assert.deepEqual(asked.at(-1), ['admin', 'p@ss word']);
  await walleye(api.url, ['onvif', '192.0.2.64', 'admin'], 'from a script\n');
  assert.deepEqual(asked.at(-1), ['admin', 'from a script']);
  const none = await walleye(api.url, ['onvif', '192.0.2.64', 'admin']);
  assert.equal(none.code, 2);
});

test('onvif on a terminal asks for the password and does not show it', async () => {
  // script(1) gives the command a terminal; what it prints is what a person sees.
  const command = `${process.execPath} ${CLI} --url ${api.url} onvif 192.0.2.64 admin`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
  let seen = '';
  child.stdout.on('data', (data) => {
    seen += data;
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  await until(() => seen.includes('Password of admin: '), 'the question');
  child.stdin.write('secretX\u007f\r'); // with a correction
  await until(() => seen.includes('1280×720'), 'the answer');
  child.stdin.end();
  await closed;
  assert.deepEqual(asked.at(-1), ['admin', 'secret']);
  assert.doesNotMatch(seen, /secret/);
});

test('camera: shown with its streams, removed; added by --url of its own', async () => {
  api.cameras.all.set('gate', {
    ...camera('gate'),
    manufacturer: 'Maker',
    username: 'admin',
    has_password: true,
  });
  assert.match((await run('cameras')).out, /^gate +gate +Maker/m);
  const { out } = await run('camera', 'gate');
  assert.match(out, /^password +set$/m);
  const added = await run('camera', 'add', 'Gate 2', '--url', 'rtsp://192.0.2.9/main');
  assert.equal(added.code, 1, 'refused by the daemon: the option was understood');
  assert.match(added.err, /Nothing answers there/);
  assert.equal((await run('camera', 'remove', 'gate')).out, 'Removed gate.\n');
});

test('layouts and wall: set as a grid, shown, taken over as JSON, removed', async () => {
  for (const id of ['a', 'b', 'c']) api.cameras.all.set(id, camera(id));
  assert.equal((await run('layout', 'set', 'day', 'a', '-', 'b', 'c')).out, 'Saved day with 4 tiles.\n');
  const { tiles } = api.store.layout('day') ?? { tiles: [] };
  assert.deepEqual(
    tiles.map(({ x, y, cameras }) => [x, y, ...cameras]),
    [
      [0, 0, 'a'],
      [0.5, 0],
      [0, 0.5, 'b'],
      [0.5, 0.5, 'c'],
    ],
  );
  assert.match((await run('layouts')).out, /^day +4 +a, b, c$/m);
  const { out: json } = await run('layout', 'show', 'day', '--json');
  assert.equal((await walleye(api.url, ['layout', 'set', 'night', '--file', '-'], json)).code, 0);
  assert.deepEqual(api.store.layout('night')?.tiles, tiles);
  assert.match((await run('wall', 'set', 'day:5', 'night')).out, /^day +5\nnight +30$/m);
  assert.equal((await run('layout', 'remove', 'day')).code, 1, 'the wall shows it');
  await run('wall', 'set');
  assert.match((await run('wall', 'set', '--screen', '2', 'day')).out, /^day +30$/m);
  assert.match((await run('wall')).out, /every camera in an even grid/, 'of the first screen');
  assert.match((await run('wall', '--screen', '2')).out, /^day +30$/m);
  assert.equal((await run('layout', 'remove', 'day')).code, 1, 'the second screen shows it');
  assert.match((await run('wall', 'follow')).err, /Which screen\?/);
  assert.match((await run('wall', 'follow', '--screen', '2')).out, /Screen 2 shows what screen 1 shows/);
  assert.equal((await run('wall', '--screen', '7')).code, 2);
  assert.equal((await run('layout', 'remove', 'day')).code, 0);
  const full = await run('layout', 'set', 'tight', '--grid', '1x2', 'a', 'b', 'c');
  assert.match(full.err, /3 cameras do not fit into 1x2/);
});

test('import: config.json adds what is right and says what is not; .env becomes our settings', async () => {
  const file = join(folder, 'config.json');
  const streams = [
    {
      name: 'camera_1',
      rtsp_url: 'rtsp://192.0.2.108:554/cam/realmonitor?channel=1&subtype=0',
      channel: 1,
      subtype: 0,
    },
    { name: 'camera 2', rtsp_url: 'rtsp://192.0.2.109/' },
  ];
  await writeFile(file, JSON.stringify({ streams }));
  const { code, out, err } = await run('import', file);
  assert.equal(code, 1);
  assert.match(out, /^camera_1 +added/m);
  assert.match(out, /^camera 2 +invalid_name +"streams\[1\]\.name" must be/m);
  assert.match(err, /1 of 2 streams failed/);
  await writeFile(join(folder, '.env'), 'HOST=0.0.0.0\nPORT=5001\nDEBUG=False\nRTSP_TIMEOUT=10\n');
  const settings = await run('import', join(folder, '.env'));
  assert.equal(settings.out, 'WALLEYE_HOST=0.0.0.0\nWALLEYE_PORT=5001\nWALLEYE_RTSP_TIMEOUT=10\n');
  await writeFile(file, '{"streams": [');
  assert.equal((await run('import', file)).code, 2);
});

test('completion: bash completes commands, options, and the names that the daemon knows', async () => {
  await run('stream', 'add', 'porch-main', 'rtsp://192.0.2.7/live');
  api.cameras.all.set('portal', camera('portal'));
  const command = join(folder, 'walleye');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' --url '${api.url}' "$@"\n`);
  await chmod(command, 0o755);
  const complete = async (...words: string[]) => {
    const quoted = [command, ...words].map((word) => `'${word}'`).join(' ');
    const script = `eval "$('${command}' completion bash)"; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}
      _walleye; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { out, err } = await execute('bash', ['-c', script]);
    assert.equal(err, '');
    return out.trim().split('\n').sort();
  };
  assert.deepEqual(await complete('str'), ['stream', 'streams']);
  assert.deepEqual(await complete('stream', 'st'), ['start', 'stop']);
  assert.deepEqual(await complete('stream', 'show', 'por'), ['porch-main']);
  assert.deepEqual(await complete('stream', 'show', 'porch-main', 'por'), [''], 'one stream, not two');
  assert.deepEqual(await complete('camera', 'port'), ['portal']);
  assert.deepEqual(await complete('layout', 'show', ''), ['night']);
  assert.deepEqual(await complete('stream', 'url', 'porch-main', '--w'), ['--width']);
  assert.deepEqual(await complete('completion', ''), ['bash']);
});
