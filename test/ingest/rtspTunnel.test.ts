/** RTSP through HTTP (case 57): against GStreamer's server, and a proxy in front of a scripted camera that is as strict as some are. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import { failure, play, serve } from './sessionTest.ts';
import { until } from './until.ts';

const NONCE = 'a1b2c3';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

interface Proxy {
  port: number;
  /** First lines and headers of what came. */
  heads: string[];
  /** How each piece of a POST came, before it was decoded. */
  posted: string[];
}

/** @param answer of a GET in place of the tunnel */
async function proxy(
  t: TestContext,
  camera: number,
  { login, answer, ip }: { login?: [string, string]; answer?: string; ip?: string } = {},
): Promise<Proxy> {
  const result: Proxy = { port: 0, heads: [], posted: [] };
  const open = new Set<Socket>();
  const upstream = new Map<string, Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    let head = '';
    let to: Socket | undefined;
    socket.on('data', (bytes) => {
      if (to) {
        const piece = bytes.toString('latin1');
        result.posted.push(piece);
        to.write(Buffer.from(piece, 'base64'));
        return;
      }
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [, method = '', path = ''] = /^(\S+) (\S+) HTTP\/1\.0\r\n/.exec(head) ?? [];
      const cookie = /x-sessioncookie: (\S+)/i.exec(head)?.[1] ?? '';
      result.heads.push(head.slice(0, end));
      if (login) {
        const [user, password] = login;
        const wanted = md5(`${md5(`${user}:tunnel:${password}`)}:${NONCE}:${md5(`${method}:${path}`)}`);
        if (!head.includes(`response="${wanted}"`)) {
          // Nothing more is read from this connection, and it stays open.
          socket.write(
            `HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="tunnel", nonce="${NONCE}"\r\n\r\n`,
          );
          return;
        }
      }
      if (method === 'POST') {
        to = upstream.get(cookie);
        const rest = head.slice(end + 4);
        if (to && rest) {
          result.posted.push(rest);
          to.write(Buffer.from(rest, 'base64'));
        }
        return;
      }
      if (answer) {
        socket.write(answer);
        return;
      }
      const there = connect(camera, '127.0.0.1');
      open.add(there);
      there.on('error', () => {}).on('close', () => socket.destroy());
      socket.on('close', () => there.destroy());
      upstream.set(cookie, there);
      const address = ip ? `x-server-ip-address: ${ip}\r\n` : '';
      socket.write(`HTTP/1.0 200 OK\r\n${address}Content-Type: application/x-rtsp-tunnelled\r\n\r\n`);
      there.pipe(socket, { end: false });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  result.port = (server.address() as AddressInfo).port;
  return result;
}

describe('RtspSession through HTTP', { timeout: 60_000 }, () => {
  test('plays, asks for interleaved packets, and takes leave', async (t) => {
    const camera = await serve(t);
    // An address inside of the camera's own network, which is not gone to.
    const { port, heads, posted } = await proxy(t, camera.port, { ip: '127.0.0.99' });
    const played = play(t, { url: `rtsp://127.0.0.1:${port}/main?x=1`, transport: 'http' });
    await until(() => played.units.length > 20);
    assert.equal(played.playing[0]?.transport, 'http');
    assert.match(camera.of('SETUP')[0]?.headers.Transport ?? '', /TCP.*interleaved=0-1/);
    const [get = '', post = ''] = heads;
    assert.match(get, /^GET \/main\?x=1 HTTP\/1\.0\r\n/);
    assert.match(get, /\r\nAccept: application\/x-rtsp-tunnelled/);
    assert.match(post, /^POST \/main\?x=1 HTTP\/1\.0\r\n/);
    const cookie = (text: string) => /x-sessioncookie: (\S+)/.exec(text)?.[1];
    assert.equal(cookie(get), cookie(post));
    // Each request is whole base64 by itself.
    assert.match(Buffer.from(posted[0] ?? '', 'base64').toString(), /^OPTIONS rtsp:\/\/.*\r\n\r\n$/s);
    played.abort();
    assert.equal(await played.result, 'aborted');
    assert.equal(camera.of('TEARDOWN').length, 1);
    await until(() => camera.open === 0);
  });

  test('logs in at the proxy too, on a connection of its own', async (t) => {
    const camera = await serve(t);
    const { port, heads } = await proxy(t, camera.port, { login: ['u', 'p@ss'] });
    const played = play(t, {
      ...{ url: `rtsp://127.0.0.1:${port}/main`, transport: 'http', username: 'u', password: 'p@ss' },
    });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      heads.map((head) => head.split(' ')[0]),
      ['GET', 'GET', 'POST'],
    );
  });

  test('a wrong password is given once', async (t) => {
    const camera = await serve(t);
    const { port, heads } = await proxy(t, camera.port, { login: ['u', 'right'] });
    const options = { transport: 'http', username: 'u', password: 'wrong' } as const;
    const error = await failure(play(t, { url: `rtsp://127.0.0.1:${port}/main`, ...options }).result);
    assert.equal(error.code, 'refused');
    assert.equal(heads.length, 2);
  });

  for (const [what, answer, code] of [
    [
      'a web server that knows no such page',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
      'not_found',
    ],
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'protocol'],
    ['an answer without an end', `HTTP/1.0 200 OK\r\nX: ${'x'.repeat(40_000)}`, 'protocol'],
  ] as const)
    test(`${what} is told as it is`, async (t) => {
      const { port } = await proxy(t, 1, { answer });
      const error = await failure(
        play(t, { url: `rtsp://127.0.0.1:${port}/main`, transport: 'http' }).result,
      );
      assert.equal(error.code, code);
    });

  test('a camera that never answers is given up', async (t) => {
    const server = createServer(() => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const options = { transport: 'http', requestTimeout: 300 } as const;
    const error = await failure(play(t, { url: `rtsp://127.0.0.1:${port}/main`, ...options }).result);
    assert.equal(error.code, 'timeout');
  });

  test('the tunnel ends with either of its connections', async (t) => {
    const camera = await serve(t);
    const { port } = await proxy(t, camera.port);
    const played = play(t, { url: `rtsp://127.0.0.1:${port}/main`, transport: 'http' });
    await until(() => played.units.length > 3);
    camera.connections[0]?.close();
    assert.equal((await failure(played.result)).code, 'closed');
  });
});

describe('RtspSession against gst-rtsp-server through HTTP', {
  timeout: 60_000,
  skip: (await gstServerMissing()) ?? false,
}, () => {
  test('plays with Digest, and leaves no session', async (t) => {
    const server = await startGstServer();
    t.after(() => server.close());
    const { username, password } = server;
    const played = play(t, { url: server.url('live'), transport: 'http', username, password });
    await until(() => played.units.length >= 31);
    played.abort();
    await until(() => server.sessions === 0);
  });
});
