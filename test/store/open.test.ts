import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, it } from 'node:test';
import SQLite from 'better-sqlite3';
import { pino } from 'pino';
import { openStore } from '../../daemon/store/store.ts';
import { cameraRow, contents } from './rows.ts';

const root = mkdtempSync(join(tmpdir(), 'walleye-open-'));
after(() => rmSync(root, { recursive: true }));
const place = (name: string) => join(root, name, 'walleye.sqlite');

/** A closed database with fifty cameras: large enough to be damaged in the middle. */
function filled(name: string): string {
  const file = place(name);
  const { store } = openStore(file);
  for (let n = 0; n < 50; n++) store.insertCamera(cameraRow(`c${n}`, { name: 'x'.repeat(200) }), []);
  store.close();
  return file;
}

describe('opening the store', () => {
  it('makes a private folder and a private file, the log beside it too', () => {
    const file = join(root, 'deep', 'state', 'walleye.sqlite');
    const { store } = openStore(file);
    store.putLayout({ name: 'a', tiles: [] });
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
    for (const name of [file, `${file}-wal`]) assert.equal(statSync(name).mode & 0o777, 0o600, name);
    store.close();
  });

  it('closes an existing file to others', () => {
    const file = filled('open-to-all');
    chmodSync(file, 0o644);
    openStore(file).store.close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('refuses a newer database with a sentence that says what to do, and does not touch it', () => {
    const file = filled('newer');
    const db = new SQLite(file);
    db.pragma('user_version = 4711');
    db.close();
    const before = readFileSync(file);
    assert.throws(() => openStore(file), {
      name: 'StoreError',
      code: 'newer_database',
      message: /newer Walleye \(database version 4711, this one knows \d+\).*Nothing was changed/,
    });
    assert.deepEqual(readFileSync(file), before);
  });

  it('a path that cannot be opened is io, not corrupt: nothing is moved', () => {
    const file = place('directory');
    mkdirSync(file, { recursive: true });
    assert.throws(() => openStore(file), { name: 'StoreError', code: 'io' });
    assert.deepEqual(readdirSync(dirname(file)), ['walleye.sqlite']);
    const below = join(filled('file'), 'walleye.sqlite');
    assert.throws(() => openStore(below), { name: 'StoreError', code: 'io' });
    // Node's recursive mkdir never returns here.
    assert.throws(() => openStore('/proc/walleye/walleye.sqlite'), { name: 'StoreError', code: 'io' });
  });

  it('another process that holds the file is io, with a hint', { timeout: 60_000 }, () => {
    const file = filled('held');
    const holder = new SQLite(file);
    holder.pragma('journal_mode = DELETE');
    holder.exec('BEGIN EXCLUSIVE');
    assert.throws(() => openStore(file), { name: 'StoreError', code: 'io', message: /another process/ });
    holder.close();
    assert.equal(openStore(file).store.cameras().length, 50);
  });
});

describe('a damaged database', () => {
  const damages: [string, (file: string) => void][] = [
    ['is no database at all', (file) => writeFileSync(file, 'garbage '.repeat(1000))],
    ['was cut in half', (file) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)],
    [
      'has a page of noise',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 2 * 4096, 8 * 4096);
        writeFileSync(file, bytes);
      },
    ],
  ];
  for (const [what, damage] of damages) {
    it(`that ${what} is set aside whole, a new one is begun, and the log shouts`, () => {
      const file = filled(what.replaceAll(' ', '-'));
      damage(file);
      const bytes = readFileSync(file);
      const lines: Record<string, unknown>[] = [];
      const sink = new Writable({
        write(line, _encoding, done) {
          lines.push(JSON.parse(String(line)));
          done();
        },
      });

      const { store, recovered } = openStore(file, pino(sink));
      assert.match(recovered ?? '', /walleye\.sqlite\.corrupt-\d{8}T\d{6}Z$/);
      assert.deepEqual(readFileSync(recovered!), bytes, 'nothing is deleted');
      assert.deepEqual(contents(store), { cameras: [], streams: [], layouts: [], wall: { sequence: [] } });
      store.insertCamera(cameraRow('c'), []);
      store.close();
      const shout = lines.find((line) => line.level === 50);
      assert.ok(String(shout?.msg).includes(recovered!), 'an error line names the file that was kept');

      const again = openStore(file);
      assert.equal(again.recovered, null);
      assert.equal(again.store.cameras().length, 1);
      again.store.close();
    });
  }

  it('does not leak its write-ahead log into the new one, and two in one second are both kept', () => {
    const file = place('wal');
    for (let round = 0; round < 2; round++) {
      filled('wal');
      const { store } = openStore(file);
      store.insertCamera(cameraRow('ghost'), []);
      const log = readFileSync(`${file}-wal`);
      store.close();
      writeFileSync(file, 'garbage '.repeat(8192));
      writeFileSync(`${file}-wal`, log);

      const reopened = openStore(file);
      assert.ok(reopened.recovered);
      assert.deepEqual(reopened.store.cameras(), []);
      reopened.store.close();
      rmSync(file);
    }
    const kept = readdirSync(dirname(file)).filter((name) => /corrupt-[^-]*(-2)?$/.test(name));
    assert.equal(kept.length, 2);
  });

  it('whose write-ahead log still holds every page is healed by it: nothing is set aside', () => {
    const file = place('healed');
    const { store } = openStore(file);
    store.insertCamera(cameraRow('kept'), []);
    const log = readFileSync(`${file}-wal`);
    store.close();
    writeFileSync(file, 'garbage '.repeat(1000));
    writeFileSync(`${file}-wal`, log);
    const reopened = openStore(file);
    assert.equal(reopened.recovered, null);
    assert.equal(reopened.store.cameras().length, 1);
    reopened.store.close();
  });
});
