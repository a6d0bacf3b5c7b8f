import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, test } from 'node:test';
import {
  type AuthServer,
  ask,
  basic,
  bearer,
  CLI,
  PASSWORD,
  page,
  SCREEN,
  signedIn,
  startAuth,
} from './authServer.ts';

let api: AuthServer;
before(async () => {
  api = await startAuth();
});
after(() => api.close());

const LOGINS = 10_000;
/** Attackers' addresses; the server sees 127.0.9.x as it would see any. */
const ADDRESSES = 20;

test('10 000 wrong logins get nobody in, and lock out neither the screen, nor sessions, nor tokens, nor the administrator', async () => {
  const { headers: session } = await signedIn(api, 'admin', 'admin');
  const screen = page(api, SCREEN, 'walleye_screen');
  const answers = new Map<number, number>();
  let sent = 0;
  const attack = async (lane: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const from = `127.0.9.${1 + (lane % ADDRESSES)}`;
    while (sent < LOGINS) {
      const turn = sent++;
      const options = {
        from,
        agent,
        ...(turn % 4 === 3 ? { headers: basic('admin', `guess ${turn}`) } : {}),
      };
      const { status, cookie } =
        turn % 4 === 3
          ? await ask(api, 'GET', '/api/users', options)
          : await ask(api, 'POST', '/api/session', {
              ...options,
              body: { username: turn % 4 === 2 ? `user ${turn}` : 'admin', password: `guess ${turn}` },
            });
      answers.set(status, (answers.get(status) ?? 0) + 1);
      assert.equal(cookie('walleye_session'), undefined);
    }
    agent.destroy();
  };
  const flood = Promise.all(Array.from({ length: 24 }, (_, lane) => attack(lane)));

  // Meanwhile.
  let looks = 0;
  while (sent < LOGINS) {
    for (const headers of [session, screen, bearer(CLI)]) {
      const { status } = await ask(api, 'GET', '/api/cameras', { headers });
      assert.equal(status, 200);
    }
    looks++;
  }
  assert.ok(looks > 10, `${looks} looks while the flood was on`);
  await flood;

  const count = (status: number) => answers.get(status) ?? 0;
  assert.deepEqual(
    [...answers.keys()].filter((status) => ![401, 429, 503].includes(status)),
    [],
    'nobody was let in',
  );
  assert.ok(count(401) < 500, `${count(401)} guesses were looked at`);
  assert.equal(count(401) + count(429) + count(503), LOGINS, 'the others were refused unseen');

  // At another address the right password is taken at once; at theirs not even that one is looked at.
  const login = (from: string, password: string) =>
    ask(api, 'POST', '/api/session', { from, body: { username: 'admin', password } });
  assert.equal((await login('127.0.8.1', PASSWORD)).status, 200);
  for (let wait = 0; wait < 30; ) {
    const { status, headers } = await login('127.0.9.1', 'wrong');
    assert.ok(status === 401 || status === 429);
    wait = Number(headers['retry-after'] ?? 0);
    if (wait < 30) api.later(wait);
  }
  assert.equal((await login('127.0.9.1', PASSWORD)).status, 429);

  assert.ok(api.accounts.passwords.size < 3_000, `${api.accounts.passwords.size} entries in memory`);
  const written = api.store.accounts.audit(1000).filter(({ action }) => action === 'login.failed');
  assert.ok(written.length >= 1 && written.length <= 60, `${written.length} entries in the audit log`);
});
