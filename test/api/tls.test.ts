import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { WebSocket } from 'ws';
import { insecure } from '../../daemon/api/guard.ts';
import { SecureDoor } from '../../daemon/api/tls.ts';
import type { Certificate, ErrorBody } from '../../daemon/schema.ts';
import { Certificates } from '../../daemon/system/certificate.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

const root = mkdtempSync(join(tmpdir(), 'walleye-tls-'));
after(() => rmSync(root, { recursive: true }));
const log = pino({ level: 'silent' });

interface Wall extends ApiServer {
  tls: SecureDoor;
  /** A port whose connections seem to come from another machine. */
  remotePort: number;
}

async function startWall(required: boolean): Promise<Wall> {
  const folder = mkdtempSync(join(root, 'tls-'));
  const certificates = await Certificates.open({ folder, names: () => ['localhost', '127.0.0.1'], log });
  const tls = new SecureDoor(certificates, { required, log });
  const api = await startApi({ tls, allowedHosts: ['wall.example'] });
  await tls.listen(api.app.server, { host: '127.0.0.1', port: 0 });
  const elsewhere = await asFromElsewhere(api.app.server);
  return {
    ...api,
    tls,
    remotePort: (elsewhere.address() as { port: number }).port,
    close: async () => {
      elsewhere.close();
      tls.close();
      await api.close();
    },
  };
}

/** Real sockets into the real server; only the peer's address is another one. */
async function asFromElsewhere(server: Server): Promise<Server> {
  const door = createServer((socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '192.168.1.20' });
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  return door;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  fingerprint: string | undefined;
}

function ask(secure: boolean, options: RequestOptions & { body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { host: '127.0.0.1', agent: false, rejectUnauthorized: false, ...options };
    const asked = (secure ? httpsRequest : httpRequest)(all, (response) => {
      let text = '';
      const { socket } = response;
      const fingerprint =
        'getPeerCertificate' in socket
          ? (socket as import('node:tls').TLSSocket).getPeerCertificate().fingerprint256
          : undefined;
      response.on('data', (data) => {
        text += data;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, fingerprint }),
      );
    });
    asked.on('error', reject);
    asked.end(options.body);
  });
}

describe('HTTPS', () => {
  let wall: Wall;
  before(async () => {
    wall = await startWall(true);
  });
  after(() => wall.close());
  const get = (path: string) => ask(true, { port: wall.tls.port, path });

  it('answers what HTTP answers, with the certificate whose fingerprint is told', async () => {
    const answer = await get('/api/health');
    assert.equal(answer.status, 200);
    assert.match(answer.text, /Walleye is running/);
    assert.equal(answer.fingerprint, wall.tls.fingerprint);
    assert.equal(answer.headers['strict-transport-security'], undefined, 'HSTS would lock people out');
    const { body } = await call<Certificate>(wall, 'GET', '/api/system/certificate');
    assert.equal(body.enabled, true);
    assert.equal(body.self_signed, true);
    assert.equal(body.port, wall.tls.port);
    assert.equal(body.fingerprint, wall.tls.fingerprint);
    assert.deepEqual(body.names.slice(0, 1), ['localhost']);
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const version = (newest: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve) => {
        const socket = tlsConnect({
          port: wall.tls.port,
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          maxVersion: newest,
          ciphers: 'DEFAULT@SECLEVEL=0',
        });
        socket.on('secureConnect', () => {
          resolve(socket.getProtocol() ?? '');
          socket.destroy();
        });
        socket.on('error', () => resolve('refused'));
      });
    assert.equal(await version('TLSv1.3'), 'TLSv1.3');
    assert.equal(await version('TLSv1.2'), 'TLSv1.2');
    assert.equal(await version('TLSv1.1'), 'refused');
  });

  it('carries the events’ WebSocket, for its own pages only', async () => {
    const opened = (origin: string) =>
      new Promise((resolve) => {
        const url = `wss://127.0.0.1:${wall.tls.port}/api/events`;
        const socket = new WebSocket(url, { origin, rejectUnauthorized: false });
        socket.on('message', (data) => {
          resolve(JSON.parse(String(data)).type);
          socket.close();
        });
        socket.on('unexpected-response', (_request, response) => {
          response.resume();
          resolve(response.statusCode);
        });
        socket.on('error', () => {});
      });
    assert.equal(await opened(`https://127.0.0.1:${wall.tls.port}`), 'hello');
    assert.equal(await opened('https://evil.example'), 403);
  });

  it('carries moving pictures', async () => {
    await wall.cameras.addStream({ name: 'front', rtsp_url: 'rtsp://camera/' });
    const path = '/api/streams/front/mjpeg';
    const type = await new Promise((resolve, reject) => {
      const asked = httpsRequest(
        { host: '127.0.0.1', port: wall.tls.port, path, agent: false, rejectUnauthorized: false },
        (response) => {
          resolve(response.headers['content-type']);
          response.on('error', () => {});
          asked.destroy();
        },
      );
      asked.on('error', reject);
      asked.end();
    });
    assert.match(String(type), /^multipart\/x-mixed-replace/);
    await until(() => wall.cameras.leases === 0, 'the viewer is gone');
  });

  it('lets plain HTTP and garbage on its port do no harm', async () => {
    await assert.rejects(ask(false, { port: wall.tls.port, path: '/' }));
    const socket = connect(wall.tls.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.alloc(4096, 0xff));
    await new Promise((resolve) => socket.on('close', resolve));
    assert.equal((await get('/api/health')).status, 200);
  });
});

describe('where HTTPS is required', () => {
  let wall: Wall;
  before(async () => {
    wall = await startWall(true);
  });
  after(() => wall.close());
  const from = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    ask(false, {
      port: wall.remotePort,
      method,
      path,
      headers: { host: `wall.example:${wall.port}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });

  it('pages in the clear send other machines to HTTPS, by the same name', async () => {
    for (const path of ['/', '/admin', '/api/docs', '/a?b=c']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await from(method, path);
        assert.equal(answer.status, 308, `${method} ${path}`);
        assert.equal(answer.headers.location, `https://wall.example:${wall.tls.port}${path}`);
      }
    }
  });

  it('the API in the clear is refused to them, with the address that works', async () => {
    for (const [method, path] of [
      ['GET', '/api/health'],
      ['GET', '/api/streams'],
      ['GET', '/api/streams/x/mjpeg'],
      ['GET', '/api/streams/x/snapshot.jpg'],
      ['POST', '/api/session'],
      ['POST', '/api/discovery'],
      ['DELETE', '/api/streams/x'],
      ['GET', '/%61pi/streams'],
      ['POST', '/'],
    ] as const) {
      const answer = await from(method, path);
      assert.equal(answer.status, 403, `${method} ${path}`);
      const { error } = JSON.parse(answer.text) as ErrorBody;
      assert.equal(error.code, 'https_required');
      assert.match(error.message, new RegExp(`https://wall\\.example:${wall.tls.port}`));
    }
  });

  it('their credentials are not looked at: right and wrong ones get the same answer', async () => {
    const login = JSON.stringify({ username: 'admin', password: 'correct horse' });
    const answers = [
      await from('POST', '/api/session', { 'content-type': 'application/json' }, login),
      await from('POST', '/api/session', { authorization: 'Basic YWRtaW46eA==' }),
      await from('POST', '/api/session', { cookie: 'walleye=abc' }),
      await from('POST', '/api/session', { authorization: 'Bearer wly_abc' }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 403);
      assert.equal(answer.text, answers[0]!.text);
      assert.equal(answer.headers['set-cookie'], undefined);
      assert.equal(answer.headers['www-authenticate'], undefined);
    }
  });

  it('a WebSocket in the clear is refused to them', async () => {
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${wall.remotePort}/api/events`);
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
      socket.on('open', () => resolve('open'));
      socket.on('error', () => {});
    });
    assert.equal(status, 403);
  });

  it('headers do not make a request safe, nor its peer this machine', async () => {
    const claims: Record<string, string>[] = [
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1;proto=https' },
      { host: `127.0.0.1:${wall.port}` },
      { host: `localhost:${wall.tls.port}` },
    ];
    for (const headers of claims)
      assert.equal((await from('GET', '/api/streams', headers)).status, 403, JSON.stringify(headers));
  });

  it('they are not sent to a host that is not ours', async () => {
    const answer = await from('GET', '/', { host: 'evil.example' });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.location, undefined);
  });

  it('the box’s own screen and commands stay on HTTP', async () => {
    assert.equal((await call(wall, 'GET', '/api/health')).status, 200);
    assert.notEqual((await call(wall, 'GET', '/')).status, 308);
  });

  it('a secret in the address is not sent on', () => {
    const request = {
      secure: false,
      peer: '10.0.0.9',
      method: 'GET',
      host: 'wall.example',
      path: '/screen/T',
    };
    assert.ok('refusal' in (insecure({ ...request, page: false }, 443) ?? {}));
    assert.deepEqual(insecure({ ...request, page: true, path: '/' }, 443), {
      redirect: 'https://wall.example/',
    });
    assert.equal(insecure({ ...request, page: false }, undefined), undefined);
  });
});

it('where HTTPS is optional, both are answered to everybody', async () => {
  const wall = await startWall(false);
  const headers = { host: `wall.example:${wall.port}` };
  assert.equal((await ask(false, { port: wall.remotePort, path: '/api/health', headers })).status, 200);
  assert.equal((await ask(true, { port: wall.tls.port, path: '/api/health' })).status, 200);
  await wall.close();
});

describe('a certificate of one’s own', () => {
  let wall: Wall;
  before(async () => {
    wall = await startWall(true);
  });
  after(() => wall.close());
  const served = async () => (await ask(true, { port: wall.tls.port, path: '/api/health' })).fingerprint;

  it('is served from the next connection on, and the box’s again after DELETE', async () => {
    const own = wall.tls.fingerprint;
    const open = await openSocket(wall.tls.port);
    const site = await generate([{ name: 'commonName', value: 'wall.example' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    const body = { certificate: site.cert, private_key: site.private };
    const put = await call<Certificate>(wall, 'PUT', '/api/system/certificate', body);
    assert.equal(put.status, 200, JSON.stringify(put.body));
    assert.equal(put.body.subject, 'CN=wall.example');
    assert.notEqual(put.body.fingerprint, own);
    assert.equal(await served(), put.body.fingerprint);
    assert.equal(open.destroyed, false, 'whoever is connected stays so');
    open.destroy();
    const back = await call<Certificate>(wall, 'DELETE', '/api/system/certificate');
    assert.equal(back.status, 200);
    assert.equal(back.body.fingerprint, own);
    assert.equal(await served(), own);
  });

  it('with a fault is refused with a sentence, and the one before is served on', async () => {
    const own = await served();
    const body = { certificate: 'no', private_key: 'secret' };
    const put = await call(wall, 'PUT', '/api/system/certificate', body);
    assert.equal(put.status, 400);
    assert.equal(put.body.error.code, 'invalid_certificate');
    assert.match(put.body.error.message, /-----BEGIN CERTIFICATE-----/);
    assert.equal(await served(), own);
  });

  it('cannot be set where HTTPS is not served', async () => {
    const plain = await startApi();
    assert.equal((await call<Certificate>(plain, 'GET', '/api/system/certificate')).body.enabled, false);
    const body = { certificate: 'x', private_key: 'x' };
    for (const answer of [
      await call(plain, 'PUT', '/api/system/certificate', body),
      await call(plain, 'DELETE', '/api/system/certificate'),
    ]) {
      assert.equal(answer.status, 409);
      assert.equal(answer.body.error.code, 'https_off');
      assert.match(answer.body.error.message, /WALLEYE_HTTPS=/);
    }
    await plain.close();
  });
});

it('closing ends every connection: pictures, WebSockets, idle ones, and handshakes that never end', async () => {
  const wall = await startWall(true);
  await wall.cameras.addStream({ name: 'front', rtsp_url: 'rtsp://camera/' });
  const idle = await openSocket(wall.tls.port);
  const half = connect(wall.tls.port, '127.0.0.1');
  const socket = new WebSocket(`wss://127.0.0.1:${wall.tls.port}/api/events`, { rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('message', resolve));
  const pictures = await openSocket(wall.tls.port);
  pictures.write('GET /api/streams/front/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => pictures.once('data', resolve));
  const ends = [idle, half, pictures].map((one) => new Promise((resolve) => one.once('close', resolve)));
  const goodbye = new Promise((resolve) => socket.once('close', resolve));
  await wall.close();
  await Promise.all([...ends, goodbye]);
});

async function openSocket(port: number): Promise<Socket> {
  const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.resume();
  return socket;
}
