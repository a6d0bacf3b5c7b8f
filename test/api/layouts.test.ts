import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Layout, ServerEvent } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

let api: ApiServer;
let told: ServerEvent[];
beforeEach(async () => {
  api = await startApi();
  for (const id of ['porch', 'gate']) api.cameras.all.set(id, camera(id));
  told = [];
  api.cameras.subscribe((event) => told.push(event));
});
afterEach(() => api.close());

const grid = {
  tiles: [0, 1, 2].map((column) => ({
    x: column / 3,
    y: 0,
    width: 1 / 3,
    height: 1,
    cameras: column === 0 ? ['porch', 'gate'] : [],
  })),
};

test('a layout is made, read, replaced and deleted, and pages are told each time', async () => {
  const made = await call(api, 'PUT', '/api/layouts/day', grid);
  assert.equal(made.status, 201);
  assert.deepEqual(made.body, { name: 'day', ...grid });
  assert.deepEqual((await call(api, 'GET', '/api/layouts/day')).body, made.body);
  assert.equal((await call(api, 'PUT', '/api/layouts/day', { tiles: [] })).status, 200);
  assert.deepEqual((await call(api, 'GET', '/api/layouts')).body, {
    total: 1,
    layouts: [{ name: 'day', tiles: [] }],
  });
  assert.equal((await call(api, 'DELETE', '/api/layouts/day')).status, 204);
  assert.equal((await call(api, 'GET', '/api/layouts/day')).status, 404);
  assert.deepEqual(told, Array(3).fill({ type: 'changed', what: 'layouts' }));
});

test('thirds fill the screen although they add up to a little more than 1', async () => {
  const thirds = { tiles: [{ x: 0.1 + 0.2, y: 0, width: 0.7, height: 1, cameras: [] }] };
  assert.equal((await call(api, 'PUT', '/api/layouts/x', thirds)).status, 201);
});

test('a refused layout leaves the one before as it was', async () => {
  await call(api, 'PUT', '/api/layouts/day', grid);
  const wrong = { tiles: [{ ...grid.tiles[0], cameras: ['attic'] }] };
  assert.equal((await call(api, 'PUT', '/api/layouts/day', wrong)).status, 400);
  assert.deepEqual((await call<Layout>(api, 'GET', '/api/layouts/day')).body.tiles, grid.tiles);
});

test('a layout outlives its cameras', async () => {
  await call(api, 'PUT', '/api/layouts/day', grid);
  api.cameras.all.delete('gate');
  assert.deepEqual((await call<Layout>(api, 'GET', '/api/layouts/day')).body.tiles, grid.tiles);
});

test('the wall shows layouts in turn, and its layouts cannot be deleted', async () => {
  assert.deepEqual((await call(api, 'GET', '/api/wall')).body, { sequence: [] });
  await call(api, 'PUT', '/api/layouts/day', grid);
  const wall = { sequence: [{ layout: 'day', dwell_seconds: 12.5 }] };
  const put = await call(api, 'PUT', '/api/wall', wall);
  assert.equal(put.status, 200);
  assert.deepEqual((await call(api, 'GET', '/api/wall')).body, wall);
  assert.deepEqual(told.at(-1), { type: 'changed', what: 'wall' });
  assert.equal((await call(api, 'DELETE', '/api/layouts/day')).body.error.code, 'layout_in_use');
  await call(api, 'PUT', '/api/wall', { sequence: [] });
  assert.equal((await call(api, 'DELETE', '/api/layouts/day')).status, 204);
});
