import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { AUDIT_LIMIT, type SessionRow, type UserRow } from '../../daemon/store/accounts.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { StoreError } from '../../daemon/store/storeError.ts';

let store: Store;
beforeEach(() => {
  store?.close();
  store = openStore(':memory:').store;
});
after(() => store.close());

const user = (name: string, change: Partial<UserRow> = {}): UserRow => ({
  name,
  role: 'viewer',
  password_hash: '$scrypt$…',
  created_at: 1_700_000_000.5,
  last_login: null,
  ...change,
});
const session = (id: string, name: string, change: Partial<SessionRow> = {}): SessionRow => ({
  id,
  user: name,
  created_at: 1,
  last_seen: 2,
  expires_at: 3,
  address: '192.0.2.1',
  browser: null,
  ...change,
});
const code = (expected: string) => (error: unknown) => error instanceof StoreError && error.code === expected;

describe('users', () => {
  it('come back field by field, whatever the case of the name', () => {
    const { accounts } = store;
    assert.equal(accounts.hasUsers(), false);
    accounts.insertUser(user('Admin', { role: 'admin' }));
    assert.deepEqual(accounts.user('aDMIN'), user('Admin', { role: 'admin' }));
    assert.equal(accounts.hasUsers(), true);
    assert.throws(() => accounts.insertUser(user('admin')), code('exists'));
  });

  it('are changed in what is given only', () => {
    const { accounts } = store;
    accounts.insertUser(user('guard'));
    accounts.updateUser('GUARD', { role: 'admin', last_login: 5 });
    assert.deepEqual(accounts.user('guard'), user('guard', { role: 'admin', last_login: 5 }));
    accounts.updateUser('guard', {});
    assert.equal(accounts.admins(), 1);
    assert.throws(() => accounts.updateUser('nobody', { role: 'admin' }), code('not_found'));
    assert.throws(() => accounts.deleteUser('nobody'), code('not_found'));
    assert.throws(() => accounts.updateUser('guard', { role: 'root' as never }), code('invalid'));
  });
});

describe('sessions', () => {
  it('go with their user, and belong to one', () => {
    const { accounts } = store;
    assert.throws(() => accounts.insertSession(session('a', 'guard')), code('not_found'));
    accounts.insertUser(user('guard'));
    accounts.insertSession(session('a', 'guard'));
    accounts.insertSession(session('b', 'guard', { last_seen: 9 }));
    assert.deepEqual(
      accounts.sessionsOf('GUARD').map(({ id }) => id),
      ['b', 'a'],
    );
    accounts.deleteUser('guard');
    assert.deepEqual(accounts.sessions(), []);
  });

  it('get a new id in one step', () => {
    const { accounts } = store;
    accounts.insertUser(user('guard'));
    accounts.insertSession(session('a', 'guard'));
    accounts.updateSession('a', { id: 'b', expires_at: 7 });
    assert.equal(accounts.session('a'), undefined);
    assert.deepEqual(accounts.session('b'), session('b', 'guard', { expires_at: 7 }));
    assert.throws(() => accounts.updateSession('a', { last_seen: 1 }), code('not_found'));
    assert.equal(accounts.deleteSession('b'), true);
    assert.equal(accounts.deleteSession('b'), false);
  });
});

describe('tokens', () => {
  it('are found by their hash, which is there once', () => {
    const { accounts } = store;
    const row = {
      id: 't',
      name: 'ci',
      scope: 'viewer' as const,
      hash: 'ff',
      created_at: 1,
      expires_at: null,
      last_used: null,
      created_by: 'admin',
    };
    accounts.insertToken(row);
    assert.deepEqual(accounts.tokenByHash('ff'), row);
    assert.throws(() => accounts.insertToken({ ...row, id: 'u' }), code('exists'));
    accounts.updateToken('t', { last_used: 8 });
    assert.equal(accounts.tokens()[0]?.last_used, 8);
    assert.equal(accounts.deleteToken('t'), true);
    assert.equal(accounts.tokenByHash('ff'), undefined);
  });
});

describe('the audit log', () => {
  it(`keeps the newest ${AUDIT_LIMIT} entries`, () => {
    const { accounts } = store;
    const entry = { who: 'admin', address: null, action: 'layout.change', target: null, detail: null };
    const more = 50;
    for (let time = 0; time < AUDIT_LIMIT + more; time++) accounts.appendAudit({ ...entry, time });
    const all = accounts.audit(2 * AUDIT_LIMIT);
    assert.equal(all.length, AUDIT_LIMIT);
    assert.equal(all[0]?.time, AUDIT_LIMIT + more - 1);
    assert.equal(all.at(-1)?.time, more);
    assert.deepEqual(
      accounts.audit(2, all[5]?.id).map(({ time }) => time),
      [all[6]?.time, all[7]?.time],
    );
  });
});
