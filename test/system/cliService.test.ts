/** `walleye alarm`, `ptz`, `settings`, `pairing`, `credentials`, `backup`: what they send and what they make of the answers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Alarm, Backup, Pairing, Ptz, Restored, Settings } from '../../daemon/schema.ts';
import { DEFAULT_SETTINGS } from '../../daemon/store/settings.ts';
import { until } from '../api/apiServer.ts';
import { CLI, execute, walleye } from './cliProcess.ts';

const alarm: Alarm = {
  id: 'a1',
  camera: 'gate',
  topic: 'person',
  message: 'At the \u001b[31mgate',
  source: 'api',
  action: 'full_screen',
  priority: 5,
  sound: false,
  since: 1_763_700_000,
  until: null,
  events: 1,
  acknowledged: false,
};
const backup: Backup = {
  walleye_backup: 1,
  created: 1,
  version: '0.1.0',
  name: 'Lobby box',
  kdf: { name: 'scrypt', salt: 's', n: 1, r: 1, p: 1 },
  iv: 'i',
  tag: 't',
  data: 'c2VhbGVk',
};
const ptz: Ptz = {
  supported: true,
  home: true,
  absolute: true,
  relative: false,
  position: { pan: 0.5, tilt: null, zoom: 0.25 },
  presets: [{ preset: '1', name: 'Entrance' }],
};
const restored: Restored = { cameras: 9, layouts: 2, users: 1, created: 1, restarting: true };
const pairing: Pairing = {
  code: '042137',
  /** When it is asked for: the tests before may take a while. */
  get expires() {
    return Date.now() / 1000 + 300;
  },
  url: 'http://192.0.2.5:8080/admin#pair=042137',
  urls: ['http://192.0.2.5:8080/admin'],
  fingerprint: null,
};

/** Answers as the daemon does, and keeps what it was asked. */
let server: Server;
let url: string;
let folder: string;
let asked: [request: string, body: unknown][];
let settings: Settings;
let presented: string | undefined;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-cli-service-'));
  server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const what = `${request.method} ${request.url}`;
    asked.push([what, text === '' ? undefined : JSON.parse(text)]);
    const [status, body] = answer(what, text);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  settings = { ...DEFAULT_SETTINGS, name: 'Lobby', time_zone: 'Asia/Taipei' };
  presented = undefined;
});

function answer(what: string, text: string): [number, unknown] {
  switch (what) {
    case 'GET /api/alarms':
      return [200, { active: [alarm], recent: [{ ...alarm, id: 'a0' }] }];
    case 'POST /api/alarms':
      return [201, alarm];
    case 'GET /api/cameras/gate/ptz':
      return [200, ptz];
    case 'GET /api/settings':
      return [200, settings];
    case 'PATCH /api/settings':
      settings = { ...settings, ...JSON.parse(text) };
      return [200, settings];
    case 'GET /api/pairing':
      if (presented) return [404, { error: { code: 'already_paired', message: presented } }];
      return [200, pairing];
    case 'GET /api/credentials':
      return [200, { credentials: [{ id: 3, make: 'hikvision', username: 'admin', cameras: 9 }] }];
    case 'POST /api/system/backup':
      return [200, backup];
    case 'POST /api/system/restore':
      return [200, restored];
    default:
      return [204, undefined];
  }
}

const run = (...args: string[]) => walleye(url, args);
const last = () => asked.at(-1);

test('alarm: raised with what is said of it, listed without what a terminal would obey, acknowledged', async () => {
  const raised = await run(
    'alarm',
    'gate',
    '--topic',
    'person',
    '--message',
    'Look',
    '--full-screen',
    '--no-sound',
  );
  assert.deepEqual(raised, { code: 0, out: 'Raised a1: person at gate, full screen.\n', err: '' });
  const body = { camera: 'gate', topic: 'person', message: 'Look', sound: false, action: 'full_screen' };
  assert.deepEqual(last(), ['POST /api/alarms', body]);
  await run('alarm', 'gate');
  assert.deepEqual(last(), ['POST /api/alarms', { camera: 'gate' }], 'the rules decide');
  await run('alarm', 'gate', '--action', 'promote', '--seconds', '20', '--priority', '7');
  assert.deepEqual(last()?.[1], { camera: 'gate', action: 'promote', hold_seconds: 20, priority: 7 });
  assert.equal((await run('alarm', 'gate', '--topic', 'fire')).code, 2);
  const { out } = await run('alarms');
  assert.match(out, /^a1 +gate +person +full_screen +2025-11-21 04:40:00 UTC +1 +active +At the/m);
  assert.match(out, /^a0 .* over /m);
  assert.ok(!out.includes('\u001b'));
  assert.equal((await run('acknowledge', 'all')).out, 'Acknowledged 1.\n');
  assert.deepEqual(last()?.[0], 'DELETE /api/alarms/a1');
  assert.equal((await run('acknowledge', 'a9')).code, 1);
});

test('ptz: a nudge by default, presets by their token, what it can do without a direction', async () => {
  assert.match(
    (await run('ptz', 'gate')).out,
    /^home position +yes\nto a place +yes\nby a part +no\npan +0\.5\n/,
  );
  assert.match((await run('ptz', 'gate')).out, /^PRESET +NAME\n1 +Entrance$/m);
  for (const [args, command] of [
    [['left'], { action: 'move', pan: -0.5, seconds: 0.5 }],
    [['up', '--speed', '1', '--seconds', '2'], { action: 'move', tilt: 1, seconds: 2 }],
    [['out', '--speed', '0.1'], { action: 'move', zoom: -0.1, seconds: 0.5 }],
    [['stop'], { action: 'stop' }],
    [
      ['to', '--pan', '-0.5', '--tilt', '0', '--zoom', '1'],
      { action: 'absolute_move', pan: -0.5, tilt: 0, zoom: 1 },
    ],
    [['by', '--zoom', '-0.25'], { action: 'relative_move', zoom: -0.25 }],
    [['home'], { action: 'home' }],
    [['preset', '1'], { action: 'preset', preset: '1' }],
    [['set-preset', 'North gate'], { action: 'set_preset', name: 'North gate' }],
    [['remove-preset', '1'], { action: 'remove_preset', preset: '1' }],
  ] as const) {
    assert.equal((await run('ptz', 'gate', ...args)).code, 0, args.join(' '));
    assert.deepEqual(last(), ['POST /api/cameras/gate/ptz', command]);
  }
  const before = asked.length;
  for (const args of [['sideways'], ['to'], ['preset'], ['left', '--speed', '2']])
    assert.equal((await run('ptz', 'gate', ...args)).code, 2, args.join(' '));
  assert.equal(asked.length, before, 'nothing was sent');
});

test('settings: shown, one alone, changed in their own types; one that does not exist is refused with those that do', async () => {
  assert.match((await run('settings')).out, /^time_zone +Asia\/Taipei$/m);
  assert.equal((await run('settings', 'name')).out, 'name  Lobby\n');
  await run('settings', 'name=Front desk', 'wall_clock=off', 'unchanged_seconds=2.5', 'language=zh-TW');
  const changes = { name: 'Front desk', wall_clock: false, unchanged_seconds: 2.5, language: 'zh-TW' };
  assert.deepEqual(last(), ['PATCH /api/settings', changes]);
  await run('settings', 'language=-');
  assert.deepEqual(last()?.[1], { language: null });
  await run('settings', 'name=2=3');
  assert.deepEqual(last()?.[1], { name: '2=3' });
  const { code, err } = await run('settings', 'colour=blue');
  assert.equal(code, 2);
  assert.match(err, /no setting colour\. Settings: name, time_zone/);
});

test('pairing: code and address; on a terminal the QR code too; a box that is paired says so', async () => {
  const plain = await run('pairing');
  assert.match(plain.out, /^code +042 137$/m);
  assert.match(plain.out, /^good for +5 min$/m);
  assert.match(plain.out, /^open +http:\/\/192\.0\.2\.5:8080\/admin$/m);
  assert.doesNotMatch(plain.out, /[▀▄█]/);
  // script(1) gives the command a terminal.
  const child = spawn('script', ['-qec', `${process.execPath} ${CLI} --url ${url} pairing`, '/dev/null']);
  let seen = '';
  child.stdout.on('data', (data) => {
    seen += data;
  });
  await once(child, 'close');
  assert.match(seen, /[▀▄█]{3}/);
  presented = 'This box is paired already.';
  const again = await run('pairing');
  assert.deepEqual([again.code, again.err], [1, 'walleye: This box is paired already.\n']);
});

test('credentials: listed, forgotten', async () => {
  assert.match((await run('credentials', 'list')).out, /^3 +hikvision +admin +9$/m);
  assert.equal((await run('credentials', 'remove', '3')).out, 'Forgot 3.\n');
  assert.equal(last()?.[0], 'DELETE /api/credentials/3');
});

test('backup and restore: the passphrase comes from standard input, the file is ours alone and never written over', async () => {
  const file = join(folder, 'walleye.backup');
  const saved = await walleye(url, ['backup', file], 'correct horse\n');
  assert.equal(saved.code, 0, saved.err);
  assert.deepEqual(last(), ['POST /api/system/backup', { passphrase: 'correct horse' }]);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), backup);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const twice = await walleye(url, ['backup', file], 'correct horse\n');
  assert.equal(twice.code, 2);
  assert.match(twice.err, /is there already/);
  assert.equal((await walleye(url, ['backup', join(folder, 'short')], 'short\n')).code, 2);

  const back = await walleye(url, ['restore', file], 'correct horse\n');
  assert.equal(back.out, 'Back: 9 cameras, 2 layouts, 1 user. Walleye starts anew.\n');
  assert.deepEqual(last(), ['POST /api/system/restore', { backup, passphrase: 'correct horse' }]);
  await writeFile(join(folder, 'other'), 'not JSON');
  const other = await walleye(url, ['restore', join(folder, 'other')], 'correct horse\n');
  assert.equal(other.code, 2);
  assert.match(other.err, /is no backup of Walleye/);
  assert.equal((await walleye(url, ['restore', join(folder, 'nowhere')], 'x\n')).code, 2);
});

test('a passphrase that is typed twice must be the same', async () => {
  const file = join(folder, 'typed');
  const child = spawn('script', [
    '-qec',
    `${process.execPath} ${CLI} --url ${url} backup ${file}`,
    '/dev/null',
  ]);
  let seen = '';
  child.stdout.on('data', (data) => {
    seen += data;
  });
  const closed = once(child, 'close');
  await until(() => seen.includes('Passphrase for the backup'), 'the question');
  child.stdin.write('correct horse\r');
  await until(() => seen.includes('Once more: '), 'the question again');
  child.stdin.write('correct hores\r');
  await closed;
  assert.match(seen, /were not the same/);
  assert.doesNotMatch(seen, /horse|hores/);
  assert.deepEqual(asked, []);
});

test('completion knows the new words and what the daemon has', async () => {
  const complete = async (...words: string[]) => {
    const { out } = await execute(process.execPath, [CLI, '--url', url, '__complete', '--', ...words]);
    return out.trim().split('\n');
  };
  assert.deepEqual(await complete('pa'), ['pairing']);
  assert.deepEqual(await complete('ptz', 'gate', 'r'), ['right', 'remove-preset']);
  assert.deepEqual(await complete('settings', 'wall_c'), ['wall_clock']);
  assert.deepEqual(await complete('acknowledge', ''), ['all', 'a1']);
  assert.deepEqual(await complete('credentials', 'remove', ''), ['3']);
  assert.deepEqual(await complete('alarm', 'gate', '--fu'), ['--full-screen']);
});
