import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { SecureDoor } from '../../../daemon/api/tls.ts';
import type { Session, SignedIn } from '../../../daemon/schema.ts';
import { Certificates } from '../../../daemon/system/certificate.ts';
import { until } from '../apiServer.ts';
import {
  type AuthServer,
  ask,
  bearer,
  CLI,
  PASSWORD,
  page,
  SCREEN,
  signedIn,
  signIn,
  startAuth,
} from './authServer.ts';

const DAY = 86_400;
let api: AuthServer;
beforeEach(async () => {
  api = await startAuth();
});
afterEach(() => api.close());

const status = async (headers: Record<string, string>, path = '/api/cameras') =>
  (await ask(api, 'GET', path, { headers })).status;

test('signing in gives a cookie that scripts cannot read and other sites cannot send; the table cannot be used as one', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const answer = await ask<Session>(api, 'POST', '/api/session', {
    body: { username: 'ADMIN', password: PASSWORD },
  });
  assert.equal(answer.status, 200);
  const [header = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(header, /^walleye_session=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/);
  const { ticket, ...rest } = answer.body;
  assert.deepEqual(rest, { auth_required: true, paired: true, kind: 'user', user: 'admin', role: 'admin' });
  assert.ok(ticket !== null && ticket.length > 40);
  const cookie = answer.cookie('walleye_session') ?? '';
  assert.equal(await status(page(api, cookie)), 200);
  const [row] = api.store.accounts.sessions();
  assert.ok(row && !JSON.stringify(row).includes(cookie));
  assert.equal(await status(page(api, row.id)), 401);
  assert.ok(api.store.accounts.user('admin')?.last_login);
  assert.equal(answer.headers['cache-control'], 'no-store');
});

test('a wrong password and a user that there is not are answered alike', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const login = (username: string, password: string) =>
    ask(api, 'POST', '/api/session', { body: { username, password } });
  const wrong = await login('admin', 'not the password');
  const unknown = await login('nobody', 'not the password');
  assert.equal(wrong.status, 401);
  assert.equal(wrong.text, unknown.text);
  assert.equal(wrong.headers['www-authenticate'], undefined);
  assert.equal(wrong.cookie('walleye_session'), undefined);
});

test('session fixation: a cookie that the browser brought is not taken over', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const planted = 'A'.repeat(43);
  const answer = await ask(api, 'POST', '/api/session', {
    body: { username: 'admin', password: PASSWORD },
    headers: page(api, planted),
  });
  assert.equal(answer.status, 200);
  assert.notEqual(answer.cookie('walleye_session'), planted);
  assert.equal(await status(page(api, planted)), 401);
});

test('signing in again ends the session before; signing out ends this one', async () => {
  const first = await signedIn(api, 'admin', 'admin');
  const again = await ask(api, 'POST', '/api/session', {
    body: { username: 'admin', password: PASSWORD },
    headers: first.headers,
  });
  const second = page(api, again.cookie('walleye_session') ?? '');
  assert.equal(await status(first.headers), 401);
  assert.equal(await status(second), 200);
  const out = await ask(api, 'DELETE', '/api/session', { headers: second });
  assert.equal(out.status, 204);
  assert.equal(out.cookie('walleye_session'), '');
  assert.equal(await status(second), 401);
});

test('the cookie is replaced after a day in use; the old one serves for another minute', async () => {
  const { cookie, headers, session } = await signedIn(api, 'admin', 'admin');
  api.later(DAY - 60);
  assert.equal((await ask(api, 'GET', '/api/session', { headers })).cookie('walleye_session'), undefined);
  api.later(120);
  const answer = await ask<{ sessions: SignedIn[] }>(api, 'GET', '/api/sessions', { headers });
  const replaced = answer.cookie('walleye_session');
  assert.ok(replaced !== undefined && replaced !== cookie);
  assert.equal(answer.body.sessions[0]?.current, true);
  assert.equal(await status(headers), 200, 'requests under way');
  assert.equal(await status(page(api, replaced)), 200);
  const told = await ask<Session>(api, 'GET', '/api/session', { headers: page(api, replaced) });
  assert.equal(told.cookie('walleye_session'), undefined, 'not again');
  assert.equal(told.body.ticket, session.ticket, 'pictures go on');
  assert.equal(api.store.accounts.sessions().length, 1);
  api.later(61);
  assert.equal(await status(headers), 401, 'a stolen cookie is of no use now');
  assert.equal(await status(page(api, replaced)), 200);
});

test('a session ends after thirty days without use, and after ninety in any case', async () => {
  const idle = await signedIn(api, 'admin', 'admin');
  api.later(30 * DAY + 1);
  assert.equal(await status(idle.headers), 401);
  let { headers } = await signIn(api, 'admin');
  for (let day = 0; day < 89; day++) {
    api.later(DAY);
    const cookie = (await ask(api, 'GET', '/api/session', { headers })).cookie('walleye_session');
    if (cookie !== undefined) headers = page(api, cookie);
  }
  assert.equal(await status(headers), 200);
  api.later(DAY);
  assert.equal(await status(headers), 401);
  await signIn(api, 'admin');
  assert.equal(api.store.accounts.sessions().length, 1, 'the old ones are swept away');
});

test('last_seen is written once a minute, not at each request', async () => {
  const { headers } = await signedIn(api, 'admin', 'admin');
  const seen = () => api.store.accounts.sessions()[0]?.last_seen ?? 0;
  const before = seen();
  api.later(30);
  await status(headers);
  assert.equal(seen(), before);
  api.later(31);
  await status(headers);
  assert.ok(seen() > before);
});

test('one’s own password: the old one must be right, and it ends all sessions but this', async () => {
  const here = await signedIn(api, 'admin', 'admin');
  const there = await signIn(api, 'admin');
  const change = (current: string) =>
    ask(api, 'PUT', '/api/session/password', {
      headers: here.headers,
      body: { current, password: 'another password' },
    });
  const wrong = await change('not it');
  assert.equal(wrong.status, 403);
  assert.equal(wrong.body.error.code, 'wrong_password');
  assert.ok(!wrong.text.includes('not it'));
  const right = await change(PASSWORD);
  assert.equal(right.status, 200);
  assert.equal(await status(there.headers), 401);
  assert.equal(await status(here.headers), 401, 'whoever has a copy of this cookie is out too');
  assert.equal(await status(page(api, right.cookie('walleye_session') ?? '')), 200);
  await assert.rejects(signIn(api, 'admin'), /wrong_login/);
  await signIn(api, 'admin', 'another password');
});

test('another role or password, or removal, ends a user’s sessions, sockets and pictures', async () => {
  const admin = await signedIn(api, 'admin', 'admin');
  await ask(api, 'POST', '/api/streams', {
    headers: admin.headers,
    body: { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' },
  });
  await api.accounts.addUser({ name: 'guard', role: 'viewer', password: PASSWORD });
  const changes = [
    () => ask(api, 'PATCH', '/api/users/guard', { headers: admin.headers, body: { role: 'admin' } }),
    () =>
      ask(api, 'PATCH', '/api/users/guard', { headers: admin.headers, body: { password: 'a new password' } }),
    () => ask(api, 'DELETE', '/api/users/guard', { headers: admin.headers }),
  ];
  let password = PASSWORD;
  for (const change of changes) {
    const guard = await signIn(api, 'guard', password);
    const url = `ws://127.0.0.1:${api.port}/api/events`;
    const socket = new WebSocket(url, { headers: guard.headers });
    const told: string[] = [];
    socket.on('message', (data) => told.push(String(data)));
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await until(() => told.length >= 2, 'the greeting');
    const picture = await openPicture(`ticket=${guard.session.ticket}`);
    const ended = new Promise((resolve) => picture.once('close', resolve));
    assert.ok([200, 204].includes((await change()).status));
    password = change === changes[1] ? 'a new password' : password;
    await Promise.all([closed, ended]);
    assert.ok(
      told.some((text) => text.includes('"session"')),
      'it was told why',
    );
    assert.equal(await status(guard.headers), 401);
    const again = new WebSocket(url, { headers: guard.headers });
    again.on('error', () => {});
    const [, response] = await once(again, 'unexpected-response');
    assert.equal(response.statusCode, 401);
    response.resume();
    if (change === changes[1]) password = 'a new password';
  }
  assert.equal(api.accounts.live.size, 0);
  assert.equal(await status(admin.headers), 200, 'the administrator himself is still there');
});

/** Opens M-JPEG as an `<img>` on another loopback address does: without a cookie. */
async function openPicture(query: string): Promise<IncomingMessage> {
  const request = get({ host: '127.0.0.1', port: api.port, path: `/api/streams/porch/mjpeg?${query}` });
  const published = setInterval(
    () =>
      api.cameras.hub('porch').publish({
        data: Buffer.from('jpeg'),
        sequence: 1,
        receivedAt: performance.now(),
        decodedAt: performance.now(),
      }),
    20,
  );
  const [response] = (await once(request, 'response').finally(() => clearInterval(published))) as [
    IncomingMessage,
  ];
  response.on('error', () => {});
  response.resume();
  return response;
}

test('a ticket opens pictures without a cookie, nothing else, and ends with its session', async () => {
  const { headers, session } = await signedIn(api, 'admin', 'admin');
  await ask(api, 'POST', '/api/streams', {
    headers,
    body: { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' },
  });
  const ticket = `ticket=${session.ticket}`;
  const picture = await openPicture(`${ticket}&width=640`);
  assert.equal(picture.statusCode, 200);

  for (const path of [
    '/api/cameras',
    '/api/streams/porch',
    '/api/users',

    '/api/events',
  ])
    assert.equal(await status({}, `${path}?${ticket}`), 401, path);
  const posted = await ask(api, 'POST', `/api/discovery?${ticket}`, { body: {} });
  assert.equal(posted.status, 401);
  const asCookie = await status(page(api, session.ticket ?? ''));
  assert.equal(asCookie, 401);

  for (const forged of [
    '',
    'x',
    'screen.',
    `screen.${session.ticket?.split('.')[1]}`,
    `s2.${session.ticket?.split('.')[1]}`,
  ]) {
    const answer = await ask(api, 'GET', `/api/streams/porch/snapshot.jpg?ticket=${forged}`);
    assert.equal(answer.status, 401, forged);
    assert.equal(answer.body.error.code, 'wrong_ticket');
  }
  const ended = new Promise((resolve) => picture.once('close', resolve));
  await ask(api, 'DELETE', '/api/session', { headers });
  await ended;
  assert.equal(await status({}, `/api/streams/porch/snapshot.jpg?${ticket}`), 401);
});

test('the screen gets its cookie by its address, has a ticket too, and never expires', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const wrong = await ask(api, 'GET', `/screen/${SCREEN}x`);
  assert.equal(wrong.status, 403);
  assert.equal(wrong.cookie('walleye_screen'), undefined);
  const answer = await ask(api, 'GET', `/screen/${SCREEN}`);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, '/');
  assert.match(answer.headers['set-cookie']?.[0] ?? '', /^walleye_screen=.*; HttpOnly; SameSite=Strict$/);
  const headers = page(api, answer.cookie('walleye_screen') ?? '', 'walleye_screen');
  api.later(3650 * DAY);
  const { body } = await ask<Session>(api, 'GET', '/api/session', { headers });
  assert.deepEqual([body.kind, body.role, body.user], ['screen', 'viewer', null]);
  const picture = await status({}, `/api/streams/none/snapshot.jpg?ticket=${body.ticket}`);
  assert.equal(picture, 404, 'let in; there is no such stream');
});

test('the screen and the command line go on when the database does not answer', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  api.store.close();
  for (const headers of [page(api, SCREEN, 'walleye_screen'), bearer(CLI)])
    assert.equal(await status(headers, '/api/streams'), 200);
  assert.equal(await status(page(api, 'A'.repeat(43)), '/api/streams'), 503);
});

test('an administrator sees who is signed in where, and signs somebody out', async () => {
  const admin = await signedIn(api, 'admin', 'admin');
  const guard = await signedIn(api, 'guard', 'viewer');
  const list = async () =>
    (await ask<{ sessions: SignedIn[] }>(api, 'GET', '/api/sessions', { headers: admin.headers })).body
      .sessions;
  const sessions = await list();
  assert.deepEqual(sessions.map(({ user, current }) => [user, current]).sort(), [
    ['admin', true],
    ['guard', false],
  ]);
  assert.equal(sessions[0]?.address, '127.0.0.1');
  const id = sessions.find(({ user }) => user === 'guard')?.id;
  assert.equal((await ask(api, 'DELETE', `/api/sessions/${id}`, { headers: admin.headers })).status, 204);
  assert.equal(await status(guard.headers), 401);
  assert.equal((await ask(api, 'DELETE', `/api/sessions/${id}`, { headers: admin.headers })).status, 404);
  assert.equal((await list()).length, 1);
});

test('a user has fifty sessions at most; the one that was used least recently makes room', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const first = api.accounts.sessions.start('admin', '192.0.2.1', undefined);
  for (let i = 0; i < 60; i++) {
    api.later(1);
    api.accounts.sessions.start('admin', '192.0.2.1', `browser ${i}\r\nX-Evil: 1`);
  }
  assert.equal(api.store.accounts.sessions().length, 50);
  assert.equal(await status(page(api, first.cookie)), 401);
  assert.ok(api.store.accounts.sessions().every(({ browser }) => !/[\r\n]/.test(browser ?? '')));
});

test('a cookie that was given over TLS goes over nothing else', async () => {
  await api.accounts.addUser({ name: 'admin', role: 'admin', password: PASSWORD });
  const folder = mkdtempSync(join(tmpdir(), 'walleye-cookies-'));
  const log = pino({ level: 'silent' });
  const certificates = await Certificates.open({ folder, names: () => ['127.0.0.1'], log });
  const door = new SecureDoor(certificates, { required: false, log });
  try {
    await door.listen(api.app.server, { host: '127.0.0.1', port: 0 });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const body = JSON.stringify({ username: 'admin', password: PASSWORD });
    const asked = httpsRequest(
      {
        host: '127.0.0.1',
        port: door.port,
        method: 'POST',
        path: '/api/session',
        agent: false,
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        resolve(String(response.headers['set-cookie']));
      },
    );
    asked.on('error', reject);
    asked.end(body);
    assert.match(await promise, /^walleye_session=.*; HttpOnly; Secure; SameSite=Strict$/);
  } finally {
    door.close();
    rmSync(folder, { recursive: true });
  }
});
