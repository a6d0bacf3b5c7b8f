import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { isAllowedHost, isAllowedOrigin, isLoopbackPeer } from '../../daemon/api/guard.ts';
import { OwnNames } from '../../daemon/api/ownNames.ts';
import { contentSecurityPolicy } from '../../daemon/api/securityHeaders.ts';
import { type ApiServer, startApi } from './apiServer.ts';

const names = { allowedHosts: new Set(['wall.example']) };

test('hosts: loopback names and configured ones are allowed, with and without a port', () => {
  for (const host of [
    'localhost',
    'LOCALHOST:8080',
    'localhost.:80',
    'wall.localhost',
    '127.0.0.1:8080',
    '127.0.0.32',
    '127.255.0.1',
    '[::1]:8080',
    'wall.example:1',
  ])
    assert.equal(isAllowedHost(host, names), true, host);
});

test('hosts: what merely looks like loopback is refused', () => {
  for (const host of [
    undefined,
    '',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.256',
    '127.1',
    '128.0.0.1',
    '0.0.0.0',
    '[::2]',
    'localhost@evil.example',
    '127.0.0.1:port',
    'localhost/',
  ])
    assert.equal(isAllowedHost(host, names), false, String(host));
});

test('hosts: the machine’s own addresses and host name are allowed', () => {
  const own = { allowedHosts: new OwnNames(['Wall.Example', '2001:db8::5']) };
  const addresses = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  assert.ok(addresses.length > 0);
  for (const { address, family } of addresses)
    assert.equal(isAllowedHost(family === 'IPv6' ? `[${address}]:80` : address, own), true, address);
  for (const host of [hostname(), `${hostname().toUpperCase()}:8080`, 'wall.example', '[2001:db8::5]:8443'])
    assert.equal(isAllowedHost(host, own), true, host);
  if (!hostname().includes('.')) assert.equal(isAllowedHost(`${hostname()}.local`, own), true);
  for (const host of [`${hostname()}.evil.example`, 'example', '192.0.2.1', '[2001:db8::6]'])
    assert.equal(isAllowedHost(host, own), false, host);
});

test('origins: those of the request’s own host and port are allowed, and on the box those of the same port', () => {
  for (const [origin, host] of [
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://localhost:8080', '127.0.0.1:8080'],
    ['http://127.0.0.1:8080', '127.0.0.9:8080'],
    ['http://[::1]:8080', 'localhost:8080'],
    ['http://localhost', '127.0.0.2'],
    ['https://wall.example', 'wall.example'],
    ['https://Wall.example:8443', 'wall.example:8443'],
    ['http://192.168.1.5:8080', '192.168.1.5:8080'],
  ] as const)
    assert.equal(isAllowedOrigin(origin, host), true, `${origin} → ${host}`);
});

test('origins: no other page is, not even one of localhost', () => {
  for (const origin of [
    'null',
    'http://evil.example',
    'http://127.0.0.1.evil.example:8080',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://wall.example:8080',
    'http://127.0.0.1:8080@evil.example',
    'http://evil.example/127.0.0.1:8080',
    'file://',
    'http://',
    '',
  ])
    assert.equal(isAllowedOrigin(origin, '127.0.0.1:8080'), false, origin);
  for (const origin of [
    'http://localhost:8080',
    'http://localhost:3000',
    'http://wall.example:8443',
    'https://wall.example.evil',
  ])
    assert.equal(isAllowedOrigin(origin, 'wall.example:8080'), false, origin);
  assert.equal(isAllowedOrigin('http://wall.example', undefined), false);
});

test('peers: only loopback addresses are this machine, whatever the family', () => {
  for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.2'])
    assert.equal(isLoopbackPeer(address), true, address);
  for (const address of [
    undefined,
    '',
    '128.0.0.1',
    '::',
    '::2',
    '::ffff:192.168.1.5',
    'localhost',
    '127.evil.example',
    'fe80::1',
  ])
    assert.equal(isLoopbackPeer(address), false, String(address));
});

let api: ApiServer;
before(async () => {
  api = await startApi();
});
after(() => api.close());

/** fetch() sets Host, Origin and Sec-Fetch-… by itself. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: api.port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a name that was rebound to loopback is refused, whatever is asked', async () => {
  for (const path of ['/', '/api/health', '/api/streams', '/nothing', '/api/docs/json']) {
    const answer = await ask('GET', path, { host: `rebound.example:${api.port}` });
    assert.equal(answer.status, 403, path);
    assert.match(answer.text, /"host_not_allowed"/);
  }
});

test('a page of another site can change nothing', async () => {
  const answer = await ask('POST', '/api/discovery', { origin: 'http://evil.example' });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /"origin_not_allowed"/);
});

test('our own page and programs can', async () => {
  assert.equal((await ask('POST', '/api/discovery', { origin: api.url })).status, 202);
  assert.equal((await ask('POST', '/api/discovery', {})).status, 202);
});

test('an <img> on another site is refused, one of the wall on another loopback address is not', async () => {
  const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
  const path = '/api/streams';
  for (const site of ['cross-site', 'same-site']) {
    const from = { ...image, 'sec-fetch-site': site };
    assert.equal((await ask('GET', path, { ...from, referer: 'http://evil.example/' })).status, 403);
    assert.equal((await ask('GET', path, { ...from, referer: 'http://localhost:3000/' })).status, 403);
    assert.equal((await ask('GET', path, from)).status, 403);
    assert.equal((await ask('GET', path, { ...from, referer: `http://127.0.0.7:${api.port}/` })).status, 200);
  }
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  assert.equal((await ask('GET', path, link)).status, 200, 'a link is followed');
  assert.equal(
    (await ask('GET', path, { ...link, 'sec-fetch-dest': 'iframe' })).status,
    403,
    'a frame is not',
  );
});

test('percent signs in the address change nothing', async () => {
  const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
  for (const path of ['/%61pi/streams', '/api/%73treams', '/ap%69/health'])
    assert.notEqual((await ask('GET', path, image)).status, 200, path);
});

test('a page of another site reads nothing of the API, even if it asks with its Origin', async () => {
  for (const origin of ['http://evil.example', 'http://localhost:3000', 'null']) {
    const answer = await ask('GET', '/api/streams', { origin });
    assert.equal(answer.status, 403, origin);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    assert.equal(
      (await ask('OPTIONS', '/api/streams', { origin, 'access-control-request-method': 'PUT' })).status,
      403,
    );
  }
});

test('pixels may be read by the wall on this machine, and by nobody else', async () => {
  const path = '/api/streams/none/snapshot.jpg';
  const own = await ask('GET', path, {
    origin: `http://127.0.0.1:${api.port}`,
    host: `127.0.0.9:${api.port}`,
  });
  assert.equal(own.headers['access-control-allow-origin'], `http://127.0.0.1:${api.port}`);
  assert.equal(own.headers.vary, 'Origin');
  assert.equal(own.headers['cross-origin-resource-policy'], 'cross-origin');
  for (const origin of ['http://evil.example', 'http://localhost:3000', 'http://127.0.0.1']) {
    const foreign = await ask('GET', path, { origin });
    assert.equal(foreign.status, 403);
    assert.equal(foreign.headers['access-control-allow-origin'], undefined, origin);
    assert.equal(foreign.headers.vary, 'Origin');
  }
  const other = await ask('GET', '/api/streams', {
    origin: `http://127.0.0.1:${api.port}`,
    host: `127.0.0.9:${api.port}`,
  });
  assert.equal(other.headers['access-control-allow-origin'], undefined, 'only of pictures');
  assert.equal(other.headers['cross-origin-resource-policy'], 'same-origin');
});

test('every answer has its security headers, refusals too', async () => {
  for (const answer of [
    await ask('GET', '/api/health', {}),
    await ask('GET', '/nothing', {}),
    await ask('GET', '/api/health', { host: 'rebound.example' }),
    await ask('POST', '/api/discovery', { origin: 'http://evil.example' }),
  ]) {
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['x-frame-options'], 'DENY');
    assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
    assert.match(String(answer.headers['permissions-policy']), /camera=\(\), .*microphone=\(self\)/);
    assert.ok(answer.headers['cross-origin-resource-policy']);
    assert.ok(answer.headers['referrer-policy']);
    assert.equal(
      answer.headers['strict-transport-security'],
      undefined,
      'self-signed: HSTS would lock people out',
    );
  }
});

test('the pages’ policy allows nothing unsafe, and pictures of this machine only on this machine', () => {
  const local = contentSecurityPolicy('127.0.0.1:8080', false);
  const remote = contentSecurityPolicy('wall.example:8443', true);
  for (const policy of [local, remote]) {
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
  }
  assert.match(local, /img-src 'self' data: blob: http:\/\/127\.0\.0\.1:8080 http:\/\/127\.0\.0\.2:8080 /);
  assert.match(local, /connect-src 'self' ws:\/\/127\.0\.0\.1:8080 http/);
  assert.match(remote, /img-src 'self' data: blob:;/);
  assert.match(remote, /connect-src 'self' wss:\/\/wall\.example:8443;/);
});

test('a page of another site cannot listen to events', async () => {
  const opened = (origin: string) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events`, { origin });
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
      socket.on('error', () => {});
      socket.on('open', () => {
        socket.close();
        resolve('open');
      });
    });
  for (const origin of [
    'http://evil.example',
    'http://localhost:3000',
    'null',
    `http://evil.example:${api.port}`,
  ])
    assert.equal(await opened(origin), 403, origin);
  assert.equal(await opened(api.url), 'open');
  assert.equal(await opened(`http://localhost:${api.port}`), 'open');
});
