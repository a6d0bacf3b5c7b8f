import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Backup, Restored } from '../../daemon/schema.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';

const PASSPHRASE = 'correct horse battery';

describe('backup and restore', () => {
  let from: ApiServer;
  let to: ApiServer;
  let restarts = 0;
  let backup: Backup;
  before(async () => {
    const power = { obstacle: null, restart: () => void restarts++, factoryReset: () => {} };
    [from, to] = await Promise.all([startApi({ power }), startApi({ power })]);
    from.store.insertCamera(cameraRow('gate', { password: 'hunter2' }), [
      streamRow('gate_main', 'gate', { username: 'u', password: 'hunter3' }),
    ]);
    from.store.putLayout({ name: 'all', tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['gate'] }] });
    from.store.settings.patchSettings({ name: 'Gate 3' });
    const answer = await call<Backup>(from, 'POST', '/api/system/backup', { passphrase: PASSPHRASE });
    assert.equal(answer.status, 200);
    assert.match(
      answer.headers.get('content-disposition') ?? '',
      /^attachment; filename="walleye-.+\.walleye"$/,
    );
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    backup = answer.body;
  });
  after(() => Promise.all([from.close(), to.close()]));

  const restore = (body: unknown, api = to) => call(api, 'POST', '/api/system/restore', body);
  const everything = () => JSON.stringify(to.store.contents());

  it('makes a file that says what it is, and shows no secret', () => {
    assert.equal(backup.walleye_backup, 1);
    assert.equal(backup.name, 'Gate 3');
    assert.equal(backup.version, '0.0.0-test');
    const text = JSON.stringify(backup);
    for (const secret of ['hunter', 'rtsp:', PASSPHRASE]) assert.ok(!text.includes(secret), secret);
    assert.deepEqual(
      from.store.accounts.audit(9).map(({ action }) => action),
      ['system.backup'],
    );
    assert.ok(!JSON.stringify(from.store.accounts.audit(9)).includes(PASSPHRASE));
  });

  const changed = (change: object) => ({ ...backup, ...change });
  const wrong: [what: string, body: () => unknown, code: string, message: RegExp][] = [
    [
      'another passphrase',
      () => ({ backup, passphrase: 'another passphrase' }),
      'wrong_passphrase',
      /passphrase is not the one .+ Nothing was changed/,
    ],
    ['a short passphrase', () => ({ backup, passphrase: 'short' }), 'invalid_body', /passphrase/],
    [
      'a file of something else',
      () => ({ backup: { hello: 1 }, passphrase: PASSPHRASE }),
      'not_a_backup',
      /Choose one/,
    ],
    ['a text for a file', () => ({ backup: 'x', passphrase: PASSPHRASE }), 'not_a_backup', /Choose one/],
    ['no file', () => ({ passphrase: PASSPHRASE }), 'invalid_body', /backup/],
    [
      'a file of a newer Walleye',
      () => ({ backup: changed({ walleye_backup: 2, version: '9.0' }), passphrase: PASSPHRASE }),
      'newer_backup',
      /newer Walleye \(9\.0\)\. Update this box first/,
    ],
    [
      'a file that lacks something',
      () => ({ backup: changed({ tag: undefined }), passphrase: PASSPHRASE }),
      'damaged_backup',
      /another copy/,
    ],
    [
      'a file that was cut short',
      () => ({ backup: changed({ data: backup.data.slice(0, 100) }), passphrase: PASSPHRASE }),
      'wrong_passphrase',
      /or the file was changed/,
    ],
    [
      'a file that wants all memory',
      () => ({ backup: changed({ kdf: { ...backup.kdf, n: 2 ** 30 } }), passphrase: PASSPHRASE }),
      'damaged_backup',
      /another copy/,
    ],
  ];
  for (const [what, body, code, message] of wrong) {
    it(`refuses ${what}, and changes nothing`, async () => {
      const before = everything();
      const answer = await restore(body());
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.error.code, code);
      assert.match(answer.body.error.message, message);
      assert.equal(everything(), before);
      assert.equal(restarts, 0);
    });
  }

  it('refuses a file that is too large to be one', async () => {
    const body = { backup: changed({ data: 'A'.repeat(33 * 1024 * 1024) }), passphrase: PASSPHRASE };
    const answer = await restore(body).catch((error: Error) => error);
    // The socket may be closed while we still send.
    if (answer instanceof Error) return;
    assert.equal(answer.status, 413);
    assert.match(answer.body.error.message, /larger than 32 MiB/);
  });

  it('changes nothing where the daemon would not come again', async () => {
    const alone = await startApi();
    try {
      const answer = await restore({ backup, passphrase: PASSPHRASE }, alone);
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'not_supervised']);
      assert.deepEqual(alone.store.cameras(), []);
    } finally {
      await alone.close();
    }
  });

  it('puts everything back on another box with another key, one at a time, and restarts', async () => {
    to.store.insertCamera(cameraRow('old'), []);
    const [one, two] = await Promise.all([
      restore({ backup, passphrase: PASSPHRASE }),
      restore({ backup, passphrase: PASSPHRASE }),
    ]);
    const [done, refused] = one.status === 200 ? [one, two] : [two, one];
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'backup_running']);
    assert.deepEqual(done.body as unknown as Restored, {
      cameras: 1,
      layouts: 1,
      users: 0,
      created: backup.created,
      restarting: true,
    });
    assert.equal(restarts, 1);
    assert.deepEqual(to.store.cameras(), from.store.cameras());
    assert.equal(to.store.stream('gate_main')?.password, 'hunter3');
    assert.deepEqual(to.store.problems, []);
    assert.equal(to.store.settings.settings().name, 'Gate 3');
    assert.equal(to.store.accounts.audit(1)[0]?.action, 'system.restore');
  });

  it('refuses a passphrase that is too short to be one', async () => {
    const answer = await call(from, 'POST', '/api/system/backup', { passphrase: '1234567' });
    assert.equal(answer.status, 400);
  });
});

describe('a backup of a box whose key is lost', () => {
  it('is refused, because it would lack the passwords, and says whose', async () => {
    const api = await startApi();
    try {
      const problem = 'The passwords of 1 cameras were sealed with another key and cannot be read (Gate).';
      Object.defineProperty(api.store, 'problems', { value: [problem] });
      const { status, body } = await call(api, 'POST', '/api/system/backup', { passphrase: PASSPHRASE });
      assert.deepEqual([status, body.error.code], [409, 'passwords_unreadable']);
      assert.ok(body.error.message.includes(problem));
    } finally {
      await api.close();
    }
  });
});
