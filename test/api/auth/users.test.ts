import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuditEntry, User } from '../../../daemon/schema.ts';
import {
  type AuthServer,
  ask,
  bearer,
  CLI,
  PASSWORD,
  page,
  signedIn,
  signIn,
  startAuth,
} from './authServer.ts';

let api: AuthServer;
let admin: Record<string, string>;
before(async () => {
  api = await startAuth();
  admin = (await signedIn(api, 'admin', 'admin')).headers;
});
after(() => api.close());

const add = (body: object) => ask<User>(api, 'POST', '/api/users', { headers: admin, body });
const audit = async (query = '') =>
  (await ask<{ entries: AuditEntry[] }>(api, 'GET', `/api/audit${query}`, { headers: admin })).body.entries;

describe('users', () => {
  it('are added, listed, changed and removed', async () => {
    const added = await add({ name: 'guard-1', role: 'viewer', password: PASSWORD });
    assert.equal(added.status, 201);
    assert.equal(added.headers.location, '/api/users/guard-1');
    assert.deepEqual(Object.keys(added.body).sort(), ['created', 'last_login', 'name', 'role']);
    const { body } = await ask<{ users: User[] }>(api, 'GET', '/api/users', { headers: admin });
    assert.deepEqual(
      body.users.map(({ name, role }) => [name, role]),
      [
        ['admin', 'admin'],
        ['guard-1', 'viewer'],
      ],
    );
    const patched = await ask<User>(api, 'PATCH', '/api/users/GUARD-1', {
      headers: admin,
      body: { role: 'admin' },
    });
    assert.deepEqual([patched.body.name, patched.body.role], ['guard-1', 'admin']);
    assert.equal((await ask(api, 'DELETE', '/api/users/guard-1', { headers: admin })).status, 204);
    assert.equal(
      (await ask(api, 'DELETE', '/api/users/guard-1', { headers: admin })).body.error.code,
      'user_not_found',
    );
  });

  it('differ by more than case', async () => {
    assert.equal(
      (
        await ask(api, 'POST', '/api/users', {
          headers: admin,
          body: { name: 'Admin', role: 'viewer', password: PASSWORD },
        })
      ).body.error.code,
      'user_exists',
    );
  });

  it('never lose their last administrator', async () => {
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', { role: 'viewer' }],
      ['PATCH', { role: 'viewer', password: 'long enough' }],
    ] as const) {
      const answer = await ask(api, method, '/api/users/admin', { headers: admin, body });
      assert.equal(answer.status, 409);
      assert.equal(answer.body.error.code, 'last_admin');
    }
    await signIn(api, 'admin');
    await add({ name: 'second', role: 'admin', password: PASSWORD });
    const second = await signIn(api, 'second');
    assert.equal(
      (await ask(api, 'PATCH', '/api/users/second', { headers: second.headers, body: { role: 'viewer' } }))
        .status,
      200,
    );
    // Of two administrators who remove one another at the same time one stays.
    await ask(api, 'PATCH', '/api/users/second', { headers: admin, body: { role: 'admin' } });
    const both = await Promise.all([
      ask(api, 'PATCH', '/api/users/second', {
        headers: admin,
        body: { role: 'viewer', password: PASSWORD },
      }),
      ask(api, 'PATCH', '/api/users/admin', {
        headers: bearer(CLI),
        body: { role: 'viewer', password: PASSWORD },
      }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
    assert.equal(api.store.accounts.admins(), 1);
    const left = api.accounts.users().find(({ role }) => role === 'admin')?.name ?? '';
    for (const name of ['admin', 'second']) {
      if (name !== left) await api.accounts.patchUser(name, { role: 'admin' }, null);
    }
    admin = (await signIn(api, 'admin')).headers;
    await ask(api, 'DELETE', '/api/users/second', { headers: admin });
  });

  it('have names of a few harmless characters, and no short passwords; neither is repeated', async () => {
    const names = [
      '',
      'a b',
      'a\r\nSet-Cookie: x=1',
      '<script>',
      '../x',
      'ä',
      'x'.repeat(65),
      "x' OR 1=1 --",
    ];
    for (const name of names) {
      const answer = await add({ name, role: 'viewer', password: PASSWORD });
      assert.equal(answer.status, 400, name);
    }
    const short = await add({ name: 'x', role: 'viewer', password: 'hunter2' });
    assert.equal(short.status, 400);
    assert.ok(!short.text.includes('hunter2'));
    const current = await ask(api, 'PUT', '/api/session/password', {
      headers: admin,
      body: { current: 'hunter2'.repeat(50), password: PASSWORD },
    });
    assert.equal(current.status, 400);
    assert.ok(!current.text.includes('hunter2'));
  });
});

describe('a user name with a header in it', () => {
  it('ends up in no header and in no line of its own', async () => {
    const username = 'admin\r\nSet-Cookie: walleye_session=evil\r\nX-Evil: 1';
    const answer = await ask(api, 'POST', '/api/session', { body: { username, password: 'x' } });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['x-evil'], undefined);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.ok(!answer.text.includes('evil'));
    for (const line of api.logged) assert.ok(!line.slice(0, -1).includes('\n'));
    assert.ok(
      (await audit()).every(
        (entry) => !/[\r\n]/.test(JSON.stringify(Object.values(entry)).replace(/\\n/g, '\n')),
      ),
    );
    assert.ok(!JSON.stringify(await audit()).includes('evil'), 'nor in the audit log: it may be a password');
  });

  it('in Basic is refused', async () => {
    const authorization = `Basic ${Buffer.from('admin\r\nX-Evil: 1:x').toString('base64')}`;
    const answer = await ask(api, 'GET', '/api/cameras', { headers: { authorization } });
    assert.equal(answer.body.error.code, 'invalid_authorization');
  });
});

describe('the audit log', () => {
  it('says who did what to what, and never a password', async () => {
    const secret = 'a-password-to-look-for';
    const { body } = await ask<{ token: string }>(api, 'POST', '/api/tokens', {
      headers: admin,
      body: { name: 'ci', scope: 'admin' },
    });
    await ask(api, 'POST', '/api/streams', {
      headers: bearer(body.token),
      body: { name: 'porch', rtsp_url: `rtsp://user:${secret}@192.0.2.7/live`, password: secret },
    });
    await ask(api, 'PATCH', '/api/cameras/porch', {
      headers: admin,
      body: { name: 'Porch', password: secret },
    });
    await ask(api, 'PUT', '/api/layouts/day', { headers: admin, body: { tiles: [] } });
    await ask(api, 'PUT', '/api/wall', {
      headers: admin,
      body: { sequence: [{ layout: 'day', dwell_seconds: 5 }] },
    });
    await ask(api, 'POST', '/api/config/streams', { headers: admin, body: { streams: [{ name: 'x' }] } });
    await ask(api, 'POST', '/api/session', { body: { username: 'admin', password: secret } });
    await ask(api, 'POST', '/api/session', { body: { username: secret, password: 'x' } });
    const entries = (await audit()).map(({ who, action, target, detail }) => [who, action, target, detail]);
    const expected = [
      ['none', 'login.failed', null, 'unknown user'],
      ['none', 'login.failed', 'admin', null],
      ['admin', 'config.import', null, '0 added, 0 updated, 1 failed'],
      ['admin', 'wall.change', null, 'day'],
      ['admin', 'layout.add', 'day', null],
      ['admin', 'camera.change', 'porch', 'name, password'],
      ['token:ci', 'stream.add', 'porch', null],
      ['admin', 'token.add', 'ci', 'admin'],
    ];
    for (const entry of expected)
      assert.ok(
        entries.some((one) => JSON.stringify(one) === JSON.stringify(entry)),
        `${JSON.stringify(entry)} is in ${JSON.stringify(entries)}`,
      );
    assert.ok(!JSON.stringify(entries).includes(secret));
    assert.ok(!api.logged.join('').includes(secret));
  });

  it('is read page by page, the newest first', async () => {
    const all = await audit();
    const first = await audit('?limit=3');
    const next = await audit(`?limit=3&before=${first.at(-1)?.id}`);
    assert.deepEqual([...first, ...next], all.slice(0, 6));
    assert.equal(first[0]?.address, '127.0.0.1');
    assert.equal((await ask(api, 'GET', '/api/audit?limit=0', { headers: admin })).status, 400);
  });

  it('that cannot be written fails no change', async () => {
    const { appendAudit } = api.store.accounts;
    api.store.accounts.appendAudit = () => {
      throw new Error('disk full');
    };
    try {
      const answer = await ask(api, 'PUT', '/api/layouts/night', { headers: admin, body: { tiles: [] } });
      assert.equal(answer.status, 201);
      assert.ok(api.logged.some((line) => line.includes('disk full')));
    } finally {
      api.store.accounts.appendAudit = appendAudit;
    }
  });
});

describe('WALLEYE_ADMIN_PASSWORD', () => {
  it('makes the user admin; a restart changes nothing, another password signs him out', async () => {
    const box = await startAuth();
    try {
      assert.equal(await box.accounts.setAdminPassword('from the unit file'), 'made');
      const { cookie } = await signIn(box, 'admin', 'from the unit file');
      assert.equal(await box.accounts.setAdminPassword('from the unit file'), 'unchanged');
      const read = () => ask(box, 'GET', '/api/users', { headers: page(box, cookie) });
      assert.equal((await read()).status, 200);
      assert.equal(await box.accounts.setAdminPassword('another one in it'), 'changed');
      assert.equal((await read()).status, 401);
      await signIn(box, 'admin', 'another one in it');
    } finally {
      await box.close();
    }
  });
});
