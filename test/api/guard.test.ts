import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { isAllowedHost, isAllowedOrigin } from '../../daemon/api/guard.ts';
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

test('origins: our own and those of this machine are allowed, all others are not', () => {
  for (const origin of ['http://127.0.0.1:8080', 'http://localhost:5173', 'https://wall.example'])
    assert.equal(isAllowedOrigin(origin, '127.0.0.1:8080', names), true, origin);
  for (const origin of [
    'null',
    'http://evil.example',
    'http://127.0.0.1.evil.example',
    'file://',
    'http://',
    '',
  ])
    assert.equal(isAllowedOrigin(origin, '127.0.0.1:8080', names), false, origin);
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
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: api.port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
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
  assert.equal((await ask('GET', path, { ...image, referer: 'http://evil.example/' })).status, 403);
  assert.equal((await ask('GET', path, image)).status, 403);
  assert.equal((await ask('GET', path, { ...image, referer: 'http://127.0.0.1:8080/' })).status, 200);
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  assert.equal((await ask('GET', path, link)).status, 200, 'a link is followed');
});

test('a page of another site cannot listen to events', async () => {
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events`, { origin: 'http://evil.example' });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode);
    });
    socket.on('error', () => {});
    socket.on('open', () => resolve('open'));
  });
  assert.equal(status, 403);
});
