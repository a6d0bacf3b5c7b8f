import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tokenFor } from '../../daemon/system/cli/token.ts';
import { type Config, readConfig } from '../../daemon/system/config.ts';
import { type AuthServer, PASSWORD, startAuth, CLI as TOKEN } from '../api/auth/authServer.ts';
import { CLI, execute } from './cliProcess.ts';

let api: AuthServer;
let stateDir: string;
before(async () => {
  api = await startAuth();
  stateDir = mkdtempSync(join(tmpdir(), 'walleye-cli-users-'));
  mkdirSync(join(stateDir, 'tokens'));
  writeFileSync(join(stateDir, 'tokens', 'cli'), `${TOKEN}\n`);
});
after(async () => {
  await api.close();
  rmSync(stateDir, { recursive: true });
});

const run = (args: string[], env: NodeJS.ProcessEnv, input = '') =>
  execute(process.execPath, [CLI, '--url', api.url, ...args], input, env);

test('walleye user: on the box itself, with the token from its file, before anybody has a password', async () => {
  const env = { WALLEYE_STATE_DIR: stateDir };
  const empty = await run(['user', 'list'], env);
  assert.deepEqual(
    [empty.code, empty.out],
    [0, 'No users yet. Add the first: walleye user add admin --role admin\n'],
  );
  const added = await run(['user', 'add', 'chief', '--role', 'admin'], env, `${PASSWORD}\n`);
  assert.deepEqual(added, { code: 0, out: 'Added chief (admin).\n', err: '' });
  await run(['user', 'add', 'guard'], env, `${PASSWORD}\n`);
  assert.match((await run(['user', 'list'], env)).out, /^chief +admin .*\nguard +viewer /m);
  assert.equal((await run(['user', 'role', 'guard', 'admin'], env)).out, 'guard is admin now.\n');
  assert.equal((await run(['user', 'password', 'guard'], env, 'another password\n')).code, 0);
  await api.accounts.passwords.verify('guard', 'another password', '192.0.2.1');
  assert.equal((await run(['user', 'remove', 'guard'], env)).code, 0);
  const last = await run(['user', 'remove', 'chief'], env);
  assert.equal(last.code, 1);
  assert.match(last.err, /only administrator/);
  // Other commands sign in too.
  assert.equal((await run(['cameras'], env)).code, 0);
});

test('without a token, or with a wrong one, it says how to get one', async () => {
  const none = await run(['cameras'], {});
  assert.equal(none.code, 1);
  assert.match(none.err, /WALLEYE_TOKEN/);
  const wrong = await run(['cameras', '--json'], { WALLEYE_TOKEN: 'wly_wrong', WALLEYE_STATE_DIR: stateDir });
  assert.equal(JSON.parse(wrong.err).error.code, 'wrong_token');
  assert.equal((await run(['cameras'], { WALLEYE_TOKEN: TOKEN })).code, 0);
  assert.match((await run(['host'], {})).out, /^daemon +Walleye is running$/m);
});

test('the token of this machine is sent to this machine only', () => {
  const config = readConfig({ WALLEYE_STATE_DIR: stateDir }) as Config;
  for (const url of [undefined, 'http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:8080'])
    assert.equal(tokenFor(url, config), TOKEN, url);
  for (const url of ['http://192.168.1.5:8080', 'https://evil.example', 'http://127.0.0.1.evil.example'])
    assert.equal(tokenFor(url, config), undefined, url);
  assert.equal(tokenFor('https://wall.example', { ...config, token: 'wly_given' }), 'wly_given');
});
