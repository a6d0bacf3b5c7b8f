import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import SQLite from 'better-sqlite3';
import fc from 'fast-check';
import { migrate, readMigrations } from '../../daemon/store/migrate.ts';
import { readSecretKey } from '../../daemon/store/secretKey.ts';
import { openStore } from '../../daemon/store/store.ts';
import { Vault } from '../../daemon/store/vault.ts';
import { cameraRow, streamRow } from './rows.ts';

const root = mkdtempSync(join(tmpdir(), 'walleye-vault-'));
after(() => rmSync(root, { recursive: true }));
const place = (name: string) => {
  mkdirSync(join(root, name), { recursive: true });
  return join(root, name, 'walleye.sqlite');
};
const KEY = Buffer.alloc(32, 1);
const vault = new Vault({ key: KEY, problem: null });

describe('the vault', () => {
  it('opens what it sealed, whatever the password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (password) => {
        assert.equal(vault.open('camera', 'c', vault.seal('camera', 'c', password)), password);
      }),
    );
  });

  it('seals the same password differently each time', () => {
    const seals = new Set(
      Array.from({ length: 100 }, () => vault.seal('camera', 'c', 'same').toString('hex')),
    );
    assert.equal(seals.size, 100);
  });

  it('opens nothing that was moved to another row or table, or sealed with another key', () => {
    const sealed = vault.seal('camera', 'c', 'secret');
    assert.equal(vault.open('camera', 'd', sealed), undefined);
    assert.equal(vault.open('stream', 'c', sealed), undefined);
    const other = new Vault({ key: Buffer.alloc(32, 2), problem: null });
    assert.equal(other.open('camera', 'c', sealed), undefined);
  });

  it('opens nothing of which one bit was changed, and nothing that was cut', () => {
    const sealed = vault.seal('camera', 'c', 'secret');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3] = forged[bit >> 3]! ^ (1 << (bit & 7));
      assert.equal(vault.open('camera', 'c', forged), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++)
      assert.equal(vault.open('camera', 'c', sealed.subarray(0, length)), undefined, `${length} bytes`);
  });
});

describe('the key file', () => {
  it('is made once, for its owner only', () => {
    const file = join(dirname(place('made')), 'secret.key');
    const first = readSecretKey(file, true);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readSecretKey(file, true), first);
    assert.deepEqual(readdirSync(dirname(file)), ['secret.key'], 'no draft stays');
  });

  it('is closed to others when it was restored with open rights', () => {
    const file = join(dirname(place('open')), 'secret.key');
    writeFileSync(file, KEY);
    chmodSync(file, 0o644);
    assert.deepEqual(readSecretKey(file, true).key, KEY);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('of the wrong length is never overwritten', () => {
    const file = join(dirname(place('short')), 'secret.key');
    writeFileSync(file, 'short');
    assert.match(readSecretKey(file, true).problem ?? '', /secret\.key holds 5 bytes and no key/);
    assert.equal(readFileSync(file, 'utf8'), 'short');
  });

  it('that somebody else provides is never made', () => {
    const file = join(dirname(place('credential')), 'walleye.key');
    assert.match(readSecretKey(file, false).problem ?? '', /walleye\.key is missing: put the key back/);
    assert.deepEqual(readdirSync(dirname(file)), []);
  });
});

/** All bytes of the state folder's files, as one text. */
const raw = (file: string) =>
  readdirSync(dirname(file))
    .map((name) => readFileSync(join(dirname(file), name), 'latin1'))
    .join('\n');

describe('passwords in the database', () => {
  it('are in none of its files, neither while it is open nor afterwards', () => {
    const file = place('sealed');
    const { store } = openStore(file);
    store.insertCamera(cameraRow('c', { password: 'Sesame-1-Camera' }), [
      streamRow('c_main', 'c', { password: 'Sesame-2-Stream' }),
    ]);
    store.updateCamera('c', { password: 'Sesame-3-Changed' });
    store.updateStream('c_main', { password: 'Sesame-4-Changed' });
    store.credentials.remember({ make: 'Dahua', username: 'admin', password: 'Sesame-5-Remembered' });
    assert.doesNotMatch(raw(file), /Sesame/);
    assert.equal(store.camera('c')?.password, 'Sesame-3-Changed');
    assert.equal(store.stream('c_main')?.password, 'Sesame-4-Changed');
    store.close();
    assert.doesNotMatch(raw(file), /Sesame/);
    const again = openStore(file).store;
    assert.equal(again.cameras()[0]?.password, 'Sesame-3-Changed');
    assert.equal(again.streams()[0]?.password, 'Sesame-4-Changed');
    assert.deepEqual(again.problems, []);
    again.close();
  });

  it('of version 1 are sealed on opening, and gone from the file and its log', () => {
    const file = place('version-1');
    const old = new SQLite(file);
    old.pragma('journal_mode = WAL');
    migrate(old, readMigrations().slice(0, 1), file);
    const camera = old.prepare("INSERT INTO camera (id, name, password, created_at) VALUES (?, 'x', ?, 1)");
    for (let n = 0; n < 200; n++) camera.run(`c${n}`, `Sesame-${n}-${'x'.repeat(n % 50)}`);
    old.exec("UPDATE camera SET password = password || 'changed' WHERE id LIKE '%7'");
    old.exec(`INSERT INTO stream (name, camera_id, profile, rtsp_url, password, transport, enabled, keep_warm, position)
      VALUES ('s', 'c1', 'main', 'rtsp://c/', 'Sesame-stream', 'auto', 1, 0, 0)`);
    assert.match(raw(file), /Sesame/, 'the search would find them');

    // The old daemon was killed: its log was not folded in.
    const { store } = openStore(file);
    old.close();
    assert.doesNotMatch(raw(file), /Sesame/);
    assert.equal(store.camera('c3')?.password, 'Sesame-3-xxx');
    assert.equal(store.camera('c7')?.password, 'Sesame-7-xxxxxxxchanged');
    assert.equal(store.stream('s')?.password, 'Sesame-stream');
    store.close();
    const db = new SQLite(file, { readonly: true });
    const plain = 'SELECT count(*) FROM camera WHERE password IS NOT NULL OR sealed_password IS NULL';
    assert.equal(db.prepare(plain).pluck().get(), 0);
    assert.equal(db.prepare("SELECT count(*) FROM setting WHERE key LIKE 'vault%'").pluck().get(), 0);
    db.close();
    assert.doesNotMatch(raw(file), /Sesame/);
  });

  it('in the addresses of streams are in none of its files either', () => {
    const file = place('addresses');
    const rtsp_url = 'rtsp://192.168.1.9/user=admin_password=Sesame_channel=1_stream=0.sdp';
    const snapshot_url = 'http://192.168.1.9/snap.jpg?usr=admin&pwd=Sesame';
    const old = new SQLite(file);
    migrate(old, readMigrations().slice(0, 1), file);
    old.exec("INSERT INTO camera (id, name, created_at) VALUES ('c', 'x', 1)");
    old
      .prepare(
        `INSERT INTO stream (name, camera_id, profile, rtsp_url, snapshot_url, transport, enabled, keep_warm, position)
          VALUES ('old', 'c', 'main', ?, ?, 'auto', 1, 0, 0)`,
      )
      .run(rtsp_url, snapshot_url);
    old.close();
    assert.match(raw(file), /Sesame/);

    const { store } = openStore(file);
    store.insertStream(streamRow('new', 'c', { rtsp_url, snapshot_url }));
    store.insertStream(streamRow('plain', 'c'));
    store.updateStream('plain', { snapshot_url });
    for (const name of ['old', 'new']) {
      const { rtsp_url: rtsp, snapshot_url: snapshot } = store.stream(name)!;
      assert.deepEqual([rtsp, snapshot], [rtsp_url, snapshot_url], name);
    }
    assert.equal(store.stream('plain')?.snapshot_url, snapshot_url);
    assert.doesNotMatch(raw(file), /Sesame/);
    store.close();
    assert.doesNotMatch(raw(file), /Sesame/);

    const lost = openStore(file, undefined, KEY).store;
    assert.equal(
      lost.stream('new')?.rtsp_url,
      'rtsp://192.168.1.9/user=admin_password=***_channel=1_stream=0.sdp',
    );
    assert.match(lost.problems.join(), /3 streams/);
    lost.close();
  });

  it('leave no column of their own in a row', () => {
    const { store } = openStore(':memory:');
    const camera = cameraRow('c', { password: 'secret' });
    const stream = streamRow('c_main', 'c', { password: 'secret' });
    store.insertCamera(camera, [stream]);
    assert.deepEqual([store.camera('c'), ...store.cameras()], [camera, camera]);
    assert.deepEqual([store.stream('c_main'), ...store.streams()], [stream, stream]);
    store.updateCamera('c', { sealed_password: null } as object);
    assert.equal(store.camera('c')?.password, 'secret', 'nor can one be written');
    store.close();
  });
});

describe('a store whose key was lost', () => {
  const filled = (name: string) => {
    const file = place(name);
    const { store } = openStore(file, undefined, KEY);
    store.insertCamera(cameraRow('front', { name: 'Front door', password: 'secret' }), [
      streamRow('front_main', 'front', { password: 'secret' }),
    ]);
    store.insertCamera(cameraRow('open'), []);
    store.credentials.remember({ make: null, username: 'admin', password: 'secret' });
    store.close();
    return file;
  };

  it('opens with its cameras, but without their passwords, and says so', () => {
    const file = filled('other-key');
    const { store, recovered } = openStore(file);
    assert.equal(recovered, null);
    assert.equal(store.cameras().length, 2);
    assert.equal(store.camera('front')?.password, null);
    assert.equal(store.stream('front_main')?.password, null);
    assert.deepEqual(store.credentials.matching(null), []);
    assert.equal(store.problems.length, 1);
    assert.match(
      store.problems[0]!,
      /1 cameras, 1 streams, 1 remembered credentials were sealed with another key .*Front door.*put the right key/,
    );
    store.close();
  });

  it('is well again when the key is back', () => {
    const file = filled('key-back');
    openStore(file).store.close();
    const { store } = openStore(file, undefined, KEY);
    assert.equal(store.camera('front')?.password, 'secret');
    assert.deepEqual(store.problems, []);
    store.close();
  });

  it('is well again when the passwords were entered again', () => {
    const { store } = openStore(filled('entered-again'));
    store.updateCamera('front', { password: 'new' });
    store.updateStream('front_main', { password: null });
    store.credentials.remove(store.credentials.list()[0]!.id);
    assert.equal(store.camera('front')?.password, 'new');
    assert.deepEqual(store.problems, []);
    store.close();
  });

  it('keeps no password in the clear when there is no key at all', () => {
    const file = filled('no-key');
    const { store } = openStore(file, undefined, { file: join(root, 'nowhere.key') });
    assert.match(store.problems.join(), /nowhere\.key is missing/);
    assert.throws(() => store.updateCamera('front', { password: 'new' }), {
      code: 'io',
      message: /cannot be kept.*put the key back/,
    });
    store.updateCamera('front', { name: 'Renamed' });
    assert.equal(store.camera('front')?.name, 'Renamed');
    store.close();
  });
});

describe('remembered credentials', () => {
  it('are tried for their make first, then those of any, the most successful first', () => {
    const { store } = openStore(':memory:');
    const { credentials } = store;
    const any = credentials.remember({ make: null, username: 'root', password: 'a' });
    const first = credentials.remember({ make: 'HIKVISION', username: 'admin', password: 'b' });
    const second = credentials.remember({ make: 'hikvision', username: 'admin', password: 'c' });
    credentials.remember({ make: 'Dahua', username: 'admin', password: 'd' });
    credentials.used(first);
    assert.deepEqual(credentials.matching('Hikvision'), [
      { id: first, make: 'hikvision', username: 'admin', password: 'b' },
      { id: second, make: 'hikvision', username: 'admin', password: 'c' },
      { id: any, make: null, username: 'root', password: 'a' },
    ]);
    assert.deepEqual(credentials.matching(null), [{ id: any, make: null, username: 'root', password: 'a' }]);
    store.close();
  });

  it('are kept once, listed without their passwords, and removed', () => {
    const { store } = openStore(':memory:');
    const { credentials } = store;
    const id = credentials.remember({ make: 'Axis', username: 'root', password: 'pass' });
    assert.equal(credentials.remember({ make: 'AXIS', username: 'root', password: 'pass' }), id);
    credentials.used(id);
    assert.deepEqual(credentials.list(), [{ id, make: 'axis', username: 'root', cameras: 1 }]);
    credentials.remove(id);
    assert.deepEqual(credentials.list(), []);
    assert.throws(() => credentials.remove(id), { code: 'not_found' });
    credentials.used(id);
    store.close();
  });
});
