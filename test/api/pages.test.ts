import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ApiServer, call, startApi } from './apiServer.ts';

let api: ApiServer;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-pages-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Walleye</title>');
  await writeFile(join(folder, 'assets', 'wall-B1c2D3e4.js'), 'export {};');
  await writeFile(join(folder, 'assets', 'plain.js'), 'export {};');
  await mkdir(join(folder, 'player'));
  await writeFile(join(folder, 'player', 'walleye-camera.js'), 'export {};');
  api = await startApi({ pages: folder });
});
after(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

test('the wall is at /, and asked for anew each time', async () => {
  const { status, body, headers } = await call<string>(api, 'GET', '/');
  assert.equal(status, 200);
  assert.match(body, /Walleye/);
  assert.equal(headers.get('cache-control'), 'no-cache');
});

test('files with a hash in their name are cached for ever, others are not', async () => {
  const hashed = await call(api, 'GET', '/assets/wall-B1c2D3e4.js');
  assert.equal(hashed.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  const plain = await call(api, 'GET', '/assets/plain.js');
  assert.equal(plain.headers.get('cache-control'), 'no-cache');
});

test('the page may take pictures from the loopback addresses at its own port, and scripts from itself only', async () => {
  const { headers } = await call(api, 'GET', '/');
  const policy = headers.get('content-security-policy') ?? '';
  const images = /img-src ([^;]*)/.exec(policy)?.[1]?.split(' ') ?? [];
  for (const last of [1, 2, 17, 32]) assert.ok(images.includes(`http://127.0.0.${last}:${api.port}`));
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.match(policy, new RegExp(`connect-src 'self' ws://127\\.0\\.0\\.1:${api.port} `));
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.ok(headers.get('referrer-policy'));
});

test('pages of other sites may load the player, and no other file', async () => {
  const allowed = async (path: string) => {
    const response = await fetch(`${api.url}${path}`, { headers: { origin: 'https://portal.example' } });
    const { headers } = response;
    await response.arrayBuffer();
    return [headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy')];
  };
  assert.deepEqual(await allowed('/player/walleye-camera.js'), ['*', 'cross-origin']);
  assert.deepEqual(await allowed('/assets/plain.js'), [null, 'same-origin']);
});

test('what is not there is answered in the API’s form', async () => {
  for (const path of ['/favicon.png', '/assets/', '/assets/none.js', '/%2e%2e/%2e%2e/etc/passwd']) {
    const { status, body } = await call(api, 'GET', path);
    assert.equal(status, 404, path);
    assert.equal(body.error.code, 'not_found', path);
  }
});

test('without built pages / says how to build them, and the API works', async () => {
  const bare = await startApi();
  try {
    const { status, body } = await call(bare, 'GET', '/');
    assert.equal(status, 503);
    assert.equal(body.error.code, 'pages_not_built');
    assert.equal((await call(bare, 'GET', '/api/health')).status, 200);
  } finally {
    await bare.close();
  }
});
