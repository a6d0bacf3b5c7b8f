import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RouteOptions } from 'fastify';
import type { Access } from '../../../daemon/api/auth/caller.ts';
import type { Health, Session } from '../../../daemon/schema.ts';
import { type AuthServer, ask, bearer, CLI, page, SCREEN, signedIn, startAuth } from './authServer.ts';

/** Everybody may use these, and no others. */
const PUBLIC = [
  'GET /',
  'GET /*',
  'GET /admin',
  'GET /admin/*',
  'GET /screen/:token',
  'GET /api/session',
  'POST /api/session',
  'DELETE /api/session',
  'POST /api/pairing',
  'PUT /api/pairing/password',
  'GET /api/time-zones',
  'GET /api/health',
];
/** Reading these is for administrators too. */
const SECRET = [
  '/api/users',
  '/api/tokens',
  '/api/sessions',
  '/api/audit',
  '/api/credentials',
  '/api/system/logs',
];
/** They end the daemon or empty it: that administrators may is not tried here. */
const DRASTIC = /\/(restart|factory-reset|restore|update)$/;

let api: AuthServer;
let viewer: Record<string, string>;
const admin = bearer(CLI);
const registered: RouteOptions[] = [];
before(async () => {
  api = await startAuth({}, (app) => {
    app.addHook('onRoute', (route) => void registered.push(route));
  });
  await signedIn(api, 'admin', 'admin');
  viewer = bearer(api.accounts.tokens.make({ name: 'walls', scope: 'viewer' }, 'test').token);
});
after(() => api.close());

interface Route {
  method: string;
  url: string;
  access: Access | undefined;
  ticket: boolean;
}

function routes(): Route[] {
  return registered.flatMap(({ method, url, config }) =>
    [method]
      .flat()
      .map((one) => ({ method: one, url, access: config?.access, ticket: config?.ticket === true })),
  );
}

/** What matters of an answer; what else a handler says to nonsense is its own affair. */
async function verdict({ method, url }: Route, headers: Record<string, string>): Promise<string> {
  const path = url.replace(/:\w+/g, 'x').replace('*', 'x');
  const body = method === 'GET' || method === 'HEAD' ? undefined : {};
  const { status, headers: answered, text } = await ask(api, method, path, { headers, body });
  if (status === 405) return 'no such method';
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  // An answer to HEAD has no body.
  if (status === 401) return code === undefined || code === 'not_signed_in' ? 'sign in' : `401 ${code}`;
  if (status === 403 && method === 'HEAD') return 'not you';
  if (code === 'admins_only' || code === 'screen_only') return 'not you';
  assert.equal(answered['www-authenticate'], undefined);
  return 'let in';
}

test('every route has an access, and nothing else is public than what must be', async () => {
  assert.ok(routes().length > 60, 'the routes were not found');
  const open: string[] = [];
  for (const route of routes()) {
    assert.ok(
      ['public', 'viewer', 'admin', 'screen', 'attendant'].includes(route.access ?? ''),
      `${route.method} ${route.url}`,
    );
    if (SECRET.includes(route.url) && route.access !== 'public')
      assert.equal(route.access, 'admin', route.url);
    const name = `${route.method.replace('HEAD', 'GET')} ${route.url}`;
    // What only says that there is no such method is no route.
    if (
      route.access === 'public' &&
      !PUBLIC.includes(name) &&
      (await verdict(route, {})) !== 'no such method'
    )
      open.push(name);
  }
  assert.deepEqual(open, []);
});

test('every route refuses who may not use it, and nobody else', async () => {
  const wrong: string[] = [];
  const expected: Record<Access, [none: string, viewer: string, admin: string]> = {
    public: ['let in', 'let in', 'let in'],
    viewer: ['sign in', 'let in', 'let in'],
    admin: ['sign in', 'not you', 'let in'],
    screen: ['sign in', 'not you', 'not you'],
    attendant: ['sign in', 'not you', 'let in'],
  };
  for (const route of routes()) {
    const callers = [{}, viewer, ...(DRASTIC.test(route.url) ? [] : [admin])];
    for (const [index, headers] of callers.entries()) {
      const found = await verdict(route, headers);
      if (found === 'no such method' && route.access === 'public') continue;
      const right = expected[route.access ?? 'admin'][index];
      if (found !== right)
        wrong.push(
          `${route.method} ${route.url} to ${['nobody', 'a viewer', 'an admin'][index]}: ${found}, not ${right}`,
        );
    }
  }
  assert.deepEqual(wrong, []);
});

test('the screen may look like a viewer, and not change anything', async () => {
  const { session } = { session: page(api, SCREEN, 'walleye_screen') };
  for (const path of ['/api/cameras', '/api/streams', '/api/layouts', '/api/wall', '/api/system'])
    assert.equal((await ask(api, 'GET', path, { headers: session })).status, 200, path);
  for (const [method, path] of [
    ['PUT', '/api/wall'],
    ['POST', '/api/cameras'],
    ['GET', '/api/users'],
    ['GET', '/api/audit'],
  ] as const)
    assert.equal(
      (await ask(api, method, path, { headers: session, body: {} })).body.error.code,
      'admins_only',
      path,
    );
});

test('pictures and nothing else take a ticket', () => {
  const taking = routes().filter(({ ticket }) => ticket);
  assert.ok(taking.length >= 2);
  for (const { method, url } of taking) {
    assert.match(url, /\/(mjpeg|snapshot\.jpg|last\.jpg)$/);
    assert.match(method, /^(GET|HEAD)$/);
  }
});

test('a box that is not paired lets nobody in but the screen and the command line', async () => {
  const fresh = await startAuth();
  try {
    for (const [method, path] of [
      ['GET', '/api/cameras'],
      ['POST', '/api/cameras'],
      ['GET', '/api/pairing'],
      ['POST', '/api/users'],
      ['GET', '/api/system'],
      ['GET', '/api/docs'],
    ] as const) {
      const { status, body } = await ask(fresh, method, path, { body: method === 'POST' ? {} : undefined });
      assert.equal(status, 401, path);
      assert.equal(body.error.code, 'not_paired', path);
    }
    const told = await ask(fresh, 'GET', '/api/session');
    assert.deepEqual(told.body, {
      auth_required: true,
      paired: false,
      kind: 'none',
      user: null,
      role: null,
      ticket: null,
    });
    const screen = page(fresh, SCREEN, 'walleye_screen');
    assert.equal((await ask(fresh, 'GET', '/api/cameras', { headers: screen })).status, 200);
    assert.equal((await ask(fresh, 'GET', '/api/pairing', { headers: screen })).status, 200);
    assert.equal(
      (await ask(fresh, 'POST', '/api/discovery', { headers: bearer(CLI), body: {} })).status,
      202,
    );
    const login = await ask(fresh, 'POST', '/api/session', {
      body: { username: 'admin', password: 'admin' },
    });
    assert.equal(login.body.error.code, 'not_paired', 'there is no default password');
  } finally {
    await fresh.close();
  }
});

test('whether the daemon is well may be asked by everybody, and only those signed in are told more', async () => {
  const asked = await ask<Health>(api, 'GET', '/api/health');
  assert.deepEqual(asked.body, { status: 'ok', message: 'Walleye is running', version: null });
  const { body } = await ask<Health>(api, 'GET', '/api/health', { headers: viewer });
  assert.match(body.message, /\d+ streams/);
  assert.notEqual(body.version, null);
});

test('on loopback nobody has to sign in until there is a user; then everybody has', async () => {
  const open = await startAuth({ open: true });
  try {
    const { body } = await ask<Session>(open, 'GET', '/api/session');
    assert.deepEqual([body.auth_required, body.kind, body.role], [false, 'open', 'admin']);
    assert.equal((await ask(open, 'POST', '/api/discovery', { body: {} })).status, 202);
    assert.equal((await ask(open, 'GET', '/api/pairing')).status, 200);
    // A header that is of no use does no harm: `walleye` sends its token always.
    assert.equal(
      (await ask(open, 'GET', '/api/cameras', { headers: bearer('wly_of-another-box') })).status,
      200,
    );

    const viewerFirst = { name: 'v', role: 'viewer', password: 'long enough' };
    const refused = await ask(open, 'POST', '/api/users', { body: viewerFirst });
    assert.equal(refused.body.error.code, 'first_user_is_no_admin');
    const added = await ask(open, 'POST', '/api/users', { body: { ...viewerFirst, role: 'admin' } });
    assert.equal(added.status, 201);
    assert.equal((await ask(open, 'GET', '/api/cameras')).status, 401);
    assert.equal((await ask(open, 'POST', '/api/discovery', { body: {} })).status, 401);
    const { body: after } = await ask<Session>(open, 'GET', '/api/session');
    assert.deepEqual([after.auth_required, after.paired, after.kind], [true, true, 'none']);
  } finally {
    await open.close();
  }
});
