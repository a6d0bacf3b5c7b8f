import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readAuthorization } from '../../../daemon/api/auth/authorization.ts';
import { ensureTokenFiles } from '../../../daemon/api/auth/tokenFiles.ts';
import type { Token, TokenMade } from '../../../daemon/schema.ts';
import { type AuthServer, ask, basic, bearer, CLI, PASSWORD, signedIn, startAuth } from './authServer.ts';

let api: AuthServer;
let admin: Record<string, string>;
before(async () => {
  api = await startAuth();
  admin = (await signedIn(api, 'admin', 'admin')).headers;
  await api.accounts.addUser({ name: 'guard', role: 'viewer', password: PASSWORD });
});
after(() => api.close());

const make = async (body: object) =>
  (await ask<TokenMade>(api, 'POST', '/api/tokens', { headers: admin, body })).body;
const get = (headers: Record<string, string>, path = '/api/cameras') => ask(api, 'GET', path, { headers });

describe('a token', () => {
  it('is told once; what is kept cannot be used', async () => {
    const made = await make({ name: 'nagios', scope: 'viewer' });
    assert.match(made.token, /^wly_[\w-]{43}$/);
    assert.equal(made.created_by, 'admin');
    const list = await ask<{ tokens: Token[] }>(api, 'GET', '/api/tokens', { headers: admin });
    assert.ok(!list.text.includes(made.token));
    const row = api.store.accounts.tokens().find(({ id }) => id === made.id);
    assert.ok(row && !JSON.stringify(row).includes(made.token.slice(4)));
    assert.equal((await get(bearer(row.hash))).status, 401);
  });

  it('opens what its scope opens, as Bearer and as the password of Basic', async () => {
    const { token } = await make({ name: 'reader', scope: 'viewer' });
    const writer = await make({ name: 'writer', scope: 'admin' });
    for (const headers of [bearer(token), basic('', token), basic('anybody', token)]) {
      assert.equal((await get(headers)).status, 200);
      assert.equal((await get(headers, '/api/users')).status, 403);
    }
    assert.equal((await get(bearer(writer.token), '/api/users')).status, 200);
  });

  it('is written as used once a minute', async () => {
    const { id, token } = await make({ name: 'used', scope: 'viewer' });
    const used = () => api.store.accounts.tokens().find((one) => one.id === id)?.last_used;
    assert.equal(used(), null);
    await get(bearer(token));
    const first = used();
    await get(bearer(token));
    assert.equal(used(), first);
    api.later(61);
    await get(bearer(token));
    assert.ok((used() ?? 0) > (first ?? 0));
  });

  it('that has expired, was removed or never was opens nothing, and says why', async () => {
    const short = await make({ name: 'short', scope: 'admin', days: 1 });
    const removed = await make({ name: 'removed', scope: 'admin' });
    assert.equal((await get(bearer(short.token))).status, 200);
    api.later(86_401);
    const expired = await get(bearer(short.token));
    assert.equal(expired.status, 401);
    assert.equal(expired.body.error.code, 'token_expired');
    assert.equal((await get(basic('', short.token))).body.error.code, 'token_expired');
    assert.equal((await ask(api, 'DELETE', `/api/tokens/${removed.id}`, { headers: admin })).status, 204);
    for (const token of [removed.token, `wly_${'A'.repeat(43)}`, 'x', CLI.slice(0, -1)])
      assert.equal((await get(bearer(token))).body.error.code, 'wrong_token', token);
    assert.equal((await ask(api, 'DELETE', '/api/tokens/cli', { headers: admin })).status, 404);
  });

  it('that is wrong does not fall back to the cookie beside it', async () => {
    assert.equal((await get({ ...admin, ...bearer('wly_wrong') })).status, 401);
    assert.equal(
      (await get({ ...admin, authorization: 'Digest username="x"' })).body.error.code,
      'invalid_authorization',
    );
  });

  it('of the command line is an administrator’s', async () => {
    assert.equal((await get(bearer(CLI), '/api/users')).status, 200);
  });
});

describe('Basic', () => {
  it('signs scripts in, with the rights of the user', async () => {
    assert.equal((await get(basic('admin', PASSWORD), '/api/users')).status, 200);
    assert.equal((await get(basic('Guard', PASSWORD), '/api/users')).status, 403);
    assert.equal((await get(basic('guard', 'wrong password'))).status, 401);
    assert.equal((await get(basic('nobody', PASSWORD))).status, 401);
  });

  it('costs a hash once a minute, and ends at once when the password changes', async () => {
    await api.accounts.addUser({ name: 'script', role: 'viewer', password: PASSWORD });
    assert.equal((await get(basic('script', PASSWORD))).status, 200);
    const { verify } = api.accounts.passwords;
    let hashes = 0;
    api.accounts.passwords.verify = (...given) => {
      hashes++;
      return verify.apply(api.accounts.passwords, given);
    };
    try {
      for (let i = 0; i < 20; i++) assert.equal((await get(basic('script', PASSWORD))).status, 200);
      assert.equal(hashes, 0);
      api.later(61);
      assert.equal((await get(basic('script', PASSWORD))).status, 200);
      assert.equal(hashes, 1);
      await api.accounts.patchUser('script', { password: 'another password' }, null);
      assert.equal((await get(basic('script', PASSWORD))).status, 401);
      assert.equal(hashes, 2);
    } finally {
      api.accounts.passwords.verify = verify;
    }
  });

  it('is asked of programs and of people who open an address of the API, never from within the pages', async () => {
    const asks = async (headers: Record<string, string>) =>
      (await get(headers)).headers['www-authenticate'] !== undefined;
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    assert.equal(await asks({}), true, 'curl');
    assert.equal(await asks(basic('admin', 'wrong password')), true);
    assert.equal(await asks({ ...browser, 'sec-fetch-mode': 'navigate' }), true);
    assert.equal(
      await asks({ ...browser, accept: 'text/html,*/*' }),
      true,
      'by HTTP browsers say no Sec-Fetch-Mode',
    );
    assert.equal(await asks({ ...browser, 'sec-fetch-mode': 'cors' }), false, 'fetch()');
    assert.equal(await asks({ ...browser, 'sec-fetch-mode': 'no-cors' }), false, '<img>');
    assert.equal(await asks({ ...browser, accept: 'image/avif,*/*' }), false, '<img> by HTTP');
    assert.equal(await asks({ ...browser, accept: '*/*' }), false, 'fetch() by HTTP');
    assert.equal(await asks({ 'x-requested-with': 'walleye' }), false);
  });

  it('is read from any header without harm', () => {
    for (const header of [
      '',
      'Basic',
      'Basic ',
      'Basic !',
      'Basic YWJj',
      'Basic AAA6AAA=',
      'Bearer',
      'Bearer a b',
      'x',
    ])
      assert.equal(readAuthorization(header), 'unknown', header);
    assert.deepEqual(readAuthorization('basic w6Q6w7Y6eA=='), {
      scheme: 'basic',
      name: 'ä',
      password: 'ö:x',
    });
    assert.deepEqual(readAuthorization('BEARER  abc'), { scheme: 'bearer', token: 'abc' });
  });
});

describe('the token files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-tokens-'));
  after(() => rmSync(folder, { recursive: true }));

  it('are made once, for nobody else to read', () => {
    const made = ensureTokenFiles(folder);
    assert.match(made.screen, /^[\w-]{43}$/);
    assert.match(made.cli, /^wly_[\w-]{43}$/);
    assert.equal(readFileSync(join(folder, 'tokens', 'cli'), 'utf8'), `${made.cli}\n`);
    for (const name of ['screen', 'cli'])
      assert.equal(statSync(join(folder, 'tokens', name)).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'tokens')).mode & 0o777, 0o700);
    assert.deepEqual(ensureTokenFiles(folder), made);
  });

  it('that others could read, or that were cut short by a power failure, are put right', () => {
    const made = ensureTokenFiles(folder);
    chmodSync(join(folder, 'tokens', 'cli'), 0o644);
    writeFileSync(join(folder, 'tokens', 'screen'), made.screen.slice(0, 20));
    const again = ensureTokenFiles(folder);
    assert.equal(again.cli, made.cli);
    assert.equal(statSync(join(folder, 'tokens', 'cli')).mode & 0o777, 0o600);
    assert.match(again.screen, /^[\w-]{43}$/);
    assert.notEqual(again.screen, made.screen);
  });
});
