/** Nonsense from outside, given to the whole daemon. What each route says to it is in test/api/. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ErrorBody, StreamList } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { residentMegabytes } from './processes.ts';

const MAIN = join(import.meta.dirname, '../../daemon/main.ts');
const stream = (name: string, rtsp_url: string) => JSON.stringify({ name, rtsp_url });

const TABLE: [
  title: string,
  method: string,
  path: string,
  body: string | undefined,
  code: string,
  says: RegExp,
][] = [
  [
    'an address of no kind that cameras have',
    'POST',
    '',
    stream('a', 'ftp://192.0.2.1/video'),
    'invalid_rtsp_url',
    /rtsp:\/\//,
  ],
  ['an address without a host', 'POST', '', stream('a', 'rtsp:///live'), 'invalid_rtsp_url', /rtsp:\/\//],
  ['a name with a slash', 'POST', '', stream('a/b', 'rtsp://192.0.2.1/'), 'invalid_name', /A–Z|A-Z/],
  ['a name with a slash in the path', 'GET', '/a%2Fb/mjpeg', undefined, 'invalid_name', /"a\/b"/],
  ['a negative width', 'GET', '/porch/mjpeg?width=-640', undefined, 'invalid_query', /"width".*16 to 7680/],
  ['a negative height', 'GET', '/porch/snapshot.jpg?height=-1', undefined, 'invalid_query', /"height"/],
  ['broken JSON', 'POST', '', '{"name":"a",', 'invalid_json', /JSON/],
  ['pictures of an unknown stream', 'GET', '/nobody/mjpeg', undefined, 'stream_not_found', /nobody/],
  ['a frame of an unknown stream', 'GET', '/nobody/frame', undefined, 'stream_not_found', /nobody/],
  ['the start of an unknown stream', 'POST', '/nobody/start', undefined, 'stream_not_found', /nobody/],
  ['the end of an unknown stream', 'DELETE', '/nobody', undefined, 'stream_not_found', /nobody/],
  ['a name that is taken', 'POST', '', stream('porch', 'rtsp://192.0.2.1/'), 'stream_exists', /porch/],
];

describe('bad input to the running daemon', { timeout: 180_000 }, () => {
  let daemon: Daemon;
  before(async () => {
    daemon = await startDaemon();
    // Switched off, so that nothing is sent to the address.
    const porch = { name: 'porch', rtsp_url: 'rtsp://192.0.2.1/live', enabled: false };
    await daemon.api('POST', '/api/streams', porch);
  });
  after(() => daemon?.stop());

  for (const [title, method, path, body, code, says] of TABLE) {
    it(`${title} is answered 4xx with a code and a sentence that helps`, async () => {
      const response = await fetch(`${daemon.url}/api/streams${path}`, {
        method,
        ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      });
      assert.ok(response.status >= 400 && response.status < 500, `${response.status}`);
      const { error } = (await response.json()) as ErrorBody;
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.match(error.message, /^\S.{15,}[.!?]$/s, 'a sentence');
    });
  }

  for (const [title, header, piece] of [
    ['with its length announced', 'Content-Length: 1000000000', Buffer.alloc(0x10000, 0x20)],
    ['in chunks', 'Transfer-Encoding: chunked', Buffer.from(`10000\r\n${' '.repeat(0x10000)}\r\n`)],
  ] as const) {
    it(`a body of 1 GB ${title} is cut off with 413 and takes no memory`, async () => {
      const megabytes = residentMegabytes(daemon.pid);
      const socket = connect(daemon.port, '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => {
        answer += data.toString();
      });
      socket.on('error', () => {}); // it is cut off while we write
      socket.write(
        `POST /api/streams HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${header}\r\n\r\n`,
      );
      let sent = 0;
      while (!socket.destroyed && sent < 1_000_000_000) {
        await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
        sent += piece.length;
      }
      assert.match(answer, /^HTTP\/1\.1 413 /);
      assert.match(answer, /"code":"body_too_large"/);
      assert.ok(sent < 64e6, `${sent} bytes were taken`);
      assert.ok(residentMegabytes(daemon.pid) - megabytes < 100);
    });
  }

  it('after all of it, nothing has changed and nothing has failed', async () => {
    const { total, streams } = await daemon.api<StreamList>('GET', '/api/streams');
    assert.deepEqual([total, streams[0]?.name, streams[0]?.state], [1, 'porch', 'stopped']);
    assert.equal((await daemon.api<{ status: string }>('GET', '/api/health')).status, 'ok');
    assert.deepEqual(
      daemon.log.filter((line) => /"level":"(error|fatal)"/.test(line)),
      [],
    );
  });

  it('a port that is taken ends a second daemon, which says which port and what to do', async () => {
    const { code, errors } = await runToEnd({ WALLEYE_PORT: String(daemon.port) });
    assert.equal(code, 1);
    const last = JSON.parse(errors.trim().split('\n').at(-1) ?? '') as { level: string; msg: string };
    assert.equal(last.level, 'fatal');
    assert.match(last.msg, new RegExp(`Port ${daemon.port} of 127\\.0\\.0\\.1 is taken .* WALLEYE_PORT`));
    assert.equal((await fetch(`${daemon.url}/api/health`)).status, 200);
  });
});

describe('settings that cannot be', { timeout: 60_000 }, () => {
  it('a WALLEYE_HOST that is no address is refused with status 2, the reason and a way out', async () => {
    const { code, errors } = await runToEnd({ WALLEYE_HOST: 'wall.example' });
    assert.equal(code, 2);
    assert.match(errors, /WALLEYE_HOST=wall\.example is not an address: use 127\.0\.0\.1/);
  });

  it('all that is wrong is told in one go, the same by flag as by variable', async () => {
    const { code, errors } = await runToEnd({ WALLEYE_PORT: 'eighty' }, ['--host', 'everywhere']);
    assert.equal(code, 2);
    assert.match(errors, /WALLEYE_PORT=eighty/);
    assert.match(errors, /WALLEYE_HOST=everywhere/);
  });
});

/** The daemon as its own process, for starts that fail. */
async function runToEnd(
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number | null; errors: string }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'walleye-bad-'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, WALLEYE_STATE_DIR: stateDir, WALLEYE_PORT: '0', NOTIFY_SOCKET: '', ...env },
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  try {
    await until('the daemon to end', () => child.exitCode !== null || child.signalCode !== null);
    const [code] = await closed;
    return { code, errors };
  } finally {
    child.kill('SIGKILL');
    await rm(stateDir, { recursive: true, force: true });
  }
}
