import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, test } from 'node:test';
import { lanAddresses, origin } from '../../../daemon/api/auth/lanAddresses.ts';
import { Pairing } from '../../../daemon/api/auth/pairing.ts';
import type { Pairing as PairingBody, PairingGrant, Session, System } from '../../../daemon/schema.ts';
import {
  type AuthServer,
  ask,
  bearer,
  CLI,
  PASSWORD,
  page,
  SCREEN,
  signedIn,
  startAuth,
} from './authServer.ts';

let api: AuthServer;
let screen: Record<string, string>;
beforeEach(async () => {
  api = await startAuth();
  screen = page(api, SCREEN, 'walleye_screen');
});
afterEach(() => api.close());

const shown = async () => (await ask<PairingBody>(api, 'GET', '/api/pairing', { headers: screen })).body;
const guess = (code: string, headers = {}) =>
  ask<PairingGrant>(api, 'POST', '/api/pairing', { body: { code }, headers });
const wrongFor = (code: string) => (code === '000000' ? '000001' : '000000');

test('a phone pairs with the code from the screen, sets the password and is signed in; then never again', async () => {
  const { code, url, urls, fingerprint, expires } = await shown();
  assert.match(code, /^\d{6}$/);
  assert.equal(url, `http://127.0.0.1:${api.port}/admin#pair=${code}`);
  assert.deepEqual(urls, [`http://127.0.0.1:${api.port}/admin`]);
  assert.equal(fingerprint, null);
  assert.ok(expires > 1_700_000_000);

  const granted = await guess(code);
  assert.equal(granted.status, 200);
  assert.match(granted.body.grant, /^[\w-]{43}$/);
  const body = { grant: granted.body.grant, password: PASSWORD };
  const done = await ask<Session>(api, 'PUT', '/api/pairing/password', { body });
  assert.equal(done.status, 200);
  assert.deepEqual(
    [done.body.kind, done.body.user, done.body.role, done.body.paired],
    ['user', 'admin', 'admin', true],
  );
  const headers = page(api, done.cookie('walleye_session') ?? '');
  assert.equal((await ask(api, 'GET', '/api/users', { headers })).status, 200);

  for (const answer of [
    await ask(api, 'PUT', '/api/pairing/password', { body }),
    await ask(api, 'POST', '/api/pairing', { body: { code } }),
  ]) {
    assert.equal(answer.status, 409);
    assert.equal(answer.body.error.code, 'already_paired');
  }
  const gone = await ask(api, 'GET', '/api/pairing', { headers: screen });
  assert.equal(gone.status, 404);
  assert.equal(gone.body.error.code, 'already_paired');
});

test('a screen that shows the code counts as awake', async () => {
  const screenOf = async () =>
    (await ask<System>(api, 'GET', '/api/system', { headers: screen })).body.screen;
  assert.equal(await screenOf(), null);
  await shown();
  assert.ok(Date.now() / 1000 - (await screenOf())!.heartbeat < 60);
});

test('the code is told to the screen only', async () => {
  assert.equal((await ask(api, 'GET', '/api/pairing')).status, 401);
  assert.equal((await ask(api, 'GET', '/api/pairing', { headers: bearer(CLI) })).status, 403);
  assert.equal((await ask(api, 'GET', '/api/pairing/qr.svg')).status, 401);
  const { code } = await shown();
  assert.ok(!api.logged.join('').includes(code));
});

test('the QR code is a picture', async () => {
  const { status, headers, text } = await ask(api, 'GET', '/api/pairing/qr.svg', { headers: screen });
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'image/svg+xml');
  assert.match(text, /^<svg [^>]*viewBox="0 0 (\d+) \1"/);
});

test('a grant serves once, for ten minutes, and nothing else is one', async () => {
  const first = await guess((await shown()).code);
  api.later(601);
  const put = (grant: string) =>
    ask(api, 'PUT', '/api/pairing/password', { body: { grant, password: PASSWORD } });
  const late = await put(first.body.grant);
  assert.equal(late.status, 403);
  assert.equal(late.body.error.code, 'grant_expired');
  assert.equal((await put('')).status, 403);
  const { body } = await guess((await shown()).code);
  const short = await ask(api, 'PUT', '/api/pairing/password', {
    body: { grant: body.grant, password: 'short' },
  });
  assert.equal(short.status, 400);
  // Two phones at the same moment: one becomes the administrator.
  const both = await Promise.all([put(body.grant), put(body.grant)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
  assert.equal(api.store.accounts.users().length, 1);
});

test('a used code is no code any more', async () => {
  const { code } = await shown();
  assert.equal((await guess(code)).status, 200);
  assert.equal((await guess(code)).status, 403);
});

test('five wrong guesses make a new code; then guesses have to wait, but for those of the screen itself', async () => {
  const { code } = await shown();
  for (let i = 0; i < 5; i++) {
    const answer = await ask(api, 'POST', '/api/pairing', { body: { code: wrongFor(code) } });
    assert.equal(answer.body.error.code, 'wrong_code');
  }
  const renewed = (await shown()).code;
  assert.notEqual(renewed, code);
  const refused = await guess(renewed);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.equal((await guess(renewed, screen)).status, 200);
  const entries = api.store.accounts.audit(100);
  assert.equal(entries.filter(({ action }) => action === 'pairing.failed').length, 1);
  assert.ok(!JSON.stringify(entries).includes(code));
});

test('a flood of guesses is refused without end, and does not find the code', async () => {
  const { code } = await shown();
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const { status } = await guess(
      String(i).padStart(6, '0') === code ? '999999' : String(i).padStart(6, '0'),
    );
    assert.ok(status === 403 || status === 429);
    if (status === 429) refused++;
  }
  assert.ok(refused >= 490, `${refused} of 500`);
  assert.equal((await ask(api, 'GET', '/api/session', { headers: screen })).status, 200);
});

describe('the code', () => {
  it('is another one after ten minutes', () => {
    let now = 0;
    const pairing = new Pairing(() => now);
    const first = pairing.current();
    now = 599;
    assert.deepEqual(pairing.current(), first);
    now = 600;
    assert.equal(pairing.current().expires, 1200);
  });

  it('is found by one who guesses without a pause for a year with a chance of one in nine at most', () => {
    let now = 0;
    const pairing = new Pairing(() => now);
    let guesses = 0;
    const YEAR = 365 * 86_400;
    while (now < YEAR) {
      const { code } = pairing.current();
      const answer = pairing.guess(wrongFor(code), false);
      if (answer === 'wrong') guesses++;
      else now += 'wait' in answer ? answer.wait : 0;
    }
    assert.ok(guesses > 1000, 'it guessed at all');
    assert.ok(guesses / 1_000_000 < 1 / 9, `${guesses} guesses at one in a million each`);
  });

  it('is not out of reach after a clock was set back', () => {
    let now = 1_000_000;
    const pairing = new Pairing(() => now);
    for (let i = 0; i < 10; i++) pairing.guess(wrongFor(pairing.current().code), true);
    now = 1000;
    const answer = pairing.guess(pairing.current().code, false);
    assert.ok(typeof answer === 'object' && 'wait' in answer && answer.wait <= 64);
    assert.ok(pairing.current().expires <= now + 600);
  });
});

describe('the addresses for a phone', () => {
  const info = (address: string, internal = false) => ({
    address,
    internal,
    family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });
  const interfaces = {
    lo: [info('127.0.0.1', true)],
    docker0: [info('172.17.0.1')],
    eth0: [info('2001:db8::5'), info('fe80::1'), info('169.254.3.4'), info('192.168.1.5')],
  } as Parameters<typeof lanAddresses>[1];

  it('begin with the IPv4 address of a real network card', () => {
    assert.deepEqual(lanAddresses('::', interfaces), [
      '192.168.1.5',
      '169.254.3.4',
      '172.17.0.1',
      '2001:db8::5',
    ]);
    assert.deepEqual(lanAddresses('0.0.0.0', interfaces), ['192.168.1.5', '169.254.3.4', '172.17.0.1']);
  });

  it('are the one address that the daemon listens on, when it is one', () => {
    assert.deepEqual(lanAddresses('192.168.1.5', interfaces), ['192.168.1.5']);
  });

  it('are written as browsers write them', () => {
    assert.equal(origin('https', '2001:db8::5', 8443), 'https://[2001:db8::5]:8443');
    assert.equal(origin('https', '192.168.1.5', 443), 'https://192.168.1.5');
    assert.equal(origin('http', '192.168.1.5', 80), 'http://192.168.1.5');
  });
});

test('with HTTPS the phone is sent there, and the screen shows the fingerprint', async () => {
  const { startApi } = await import('../apiServer.ts');
  const tls = { required: true, port: 8443, fingerprint: 'AA:BB' } as never;
  const secure = await startApi({ tls });
  try {
    const { body } = await ask<PairingBody>(secure, 'GET', '/api/pairing');
    assert.match(body.url, /^https:\/\/127\.0\.0\.1:8443\/admin#pair=\d{6}$/);
    assert.equal(body.fingerprint, 'AA:BB');
  } finally {
    await secure.close();
  }
});

test('a box whose first user came by the command line is paired too', async () => {
  await signedIn(api, 'chief', 'admin');
  assert.equal((await ask(api, 'GET', '/api/pairing', { headers: screen })).status, 404);
});
