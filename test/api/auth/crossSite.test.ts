import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import {
  type AuthServer,
  ask,
  basic,
  bearer,
  CLI,
  PASSWORD,
  SCREEN,
  signedIn,
  startAuth,
} from './authServer.ts';

let api: AuthServer;
let cookie: string;
before(async () => {
  api = await startAuth();
  cookie = (await signedIn(api, 'admin', 'admin')).cookie;
});
after(() => api.close());

/** The request that a page makes the administrator’s browser send: with his cookie, as SameSite would not prevent. */
const change = (headers: Record<string, string>, method = 'PUT', path = '/api/wall') =>
  ask(api, method, path, { headers, body: { sequence: [] } });

describe('a changing request with a cookie', () => {
  it('from our own page is done', async () => {
    assert.equal((await change({ cookie: `walleye_session=${cookie}`, origin: api.url })).status, 200);
  });

  it('is done when the browser says that it is same-origin, and tells no Origin', async () => {
    const headers = { cookie: `walleye_session=${cookie}`, 'sec-fetch-site': 'same-origin' };
    assert.equal((await change(headers)).status, 200);
  });

  for (const [what, origin] of [
    ['another site', 'https://evil.example'],
    ['another port of this very host, which is the same site', 'http://127.0.0.1:1'],
    ['another name of this machine', 'http://localhost:8080'],
    ['a sandboxed frame', 'null'],
    ['a name that begins like ours', 'http://127.0.0.1.evil.example'],
  ] as const) {
    it(`from ${what} is refused`, async () => {
      for (const [method, path] of [
        ['PUT', '/api/wall'],
        ['POST', '/api/users'],
        ['DELETE', '/api/session'],
        ['POST', '/api/session'],
      ] as const) {
        const { status, body } = await change({ cookie: `walleye_session=${cookie}`, origin }, method, path);
        assert.equal(status, 403, `${method} ${path}`);
        assert.equal(body.error.code, 'origin_not_allowed');
      }
      // Neither was he signed out, nor anything changed.
      const headers = { cookie: `walleye_session=${cookie}` };
      assert.equal((await ask(api, 'GET', '/api/users', { headers })).status, 200);
    });
  }

  it('that says nothing of where it comes from is refused', async () => {
    for (const site of [undefined, 'same-site', 'cross-site', 'none']) {
      const headers = { cookie: `walleye_session=${cookie}`, ...(site ? { 'sec-fetch-site': site } : {}) };
      assert.equal((await change(headers)).status, 403, site);
    }
    const { body } = await change({ cookie: `walleye_session=${cookie}` });
    assert.equal(body.error.code, 'origin_required');
  });

  it('of the screen is under the same rule', async () => {
    const headers = { cookie: `walleye_screen=${SCREEN}`, origin: 'https://evil.example' };
    assert.equal((await change(headers, 'DELETE', '/api/alarms/x')).status, 403);
  });
});

describe('a header that a program wrote', () => {
  it('needs no Origin', async () => {
    assert.equal((await change(bearer(CLI))).status, 200);
    assert.equal((await change(basic('admin', PASSWORD))).status, 200);
  });

  it('but a password that a browser remembers is like a cookie', async () => {
    const foreign = { ...basic('admin', PASSWORD), origin: 'http://localhost:8080' };
    assert.equal((await change(foreign)).status, 403);
    assert.equal((await change({ ...basic('', CLI), origin: 'http://localhost:8080' })).status, 403);
    assert.equal((await change({ ...basic('admin', PASSWORD), 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await change({ ...basic('admin', PASSWORD), origin: api.url })).status, 200);
  });
});

describe('the events socket', () => {
  const open = (headers: Record<string, string>) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events`, { headers });
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
      socket.on('error', () => {});
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
    });

  it('opens to our own page', async () => {
    assert.equal(await open({ cookie: `walleye_session=${cookie}`, origin: api.url }), 'open');
    assert.equal(await open({ cookie: `walleye_screen=${SCREEN}`, origin: api.url }), 'open');
    assert.equal(await open(bearer(CLI)), 'open');
  });

  it('does not open to pages of other sites, which could listen with the cookie, nor to nobody', async () => {
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null'])
      assert.equal(await open({ cookie: `walleye_session=${cookie}`, origin }), 403, origin);
    assert.equal(await open({ cookie: `walleye_session=${cookie}` }), 403);
    assert.equal(await open({ cookie: `walleye_screen=${SCREEN}`, origin: 'https://evil.example' }), 403);
    assert.equal(await open({ origin: api.url }), 401);
  });
});
