import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openDatabase } from '../../daemon/store/database.ts';
import { type Migration, readMigrations } from '../../daemon/store/migrate.ts';
import { StoreError } from '../../daemon/store/storeError.ts';

const ours = readMigrations();
const newer: Migration[] = [
  ...ours,
  {
    version: ours.length + 1,
    name: 'next.sql',
    sql: 'CREATE TABLE next (n INTEGER); INSERT INTO next VALUES (1);',
  },
];
const newest: Migration[] = [
  ...newer,
  { version: ours.length + 2, name: 'last.sql', sql: 'ALTER TABLE next ADD COLUMN m TEXT;' },
];

describe('the database, when an update is taken back', () => {
  let folder: string;
  let file: string;
  const open = (migrations: readonly Migration[]) => openDatabase(file, undefined, migrations);
  const layouts = (migrations: readonly Migration[]) => {
    const { db, recovered } = open(migrations);
    const names = db.prepare('SELECT name FROM layout ORDER BY name').pluck().all();
    db.close();
    return { names, recovered };
  };
  const put = (migrations: readonly Migration[], name: string) => {
    const { db } = open(migrations);
    db.prepare('INSERT INTO layout (name, tiles) VALUES (?, ?)').run(name, '[]');
    db.close();
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-prior-'));
    file = join(folder, 'walleye.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is as it was before the update, and the newer one is kept', () => {
    put(ours, 'before');
    put(newer, 'after');
    assert.deepEqual(layouts(ours), { names: ['before'], recovered: null });
    const kept = readdirSync(folder).find((name) => /^walleye\.sqlite\.newer-\d{8}T\d{6}Z$/.test(name));
    file = join(folder, kept ?? 'not kept');
    assert.deepEqual(layouts(newer).names, ['after', 'before']);
  });

  it('is brought up to date again by the next update', () => {
    put(ours, 'before');
    open(newer).db.close();
    put(ours, 'again');
    assert.deepEqual(layouts(newer), { names: ['again', 'before'], recovered: null });
  });

  it('is taken from the newest copy that can be read', () => {
    put(ours, 'one');
    put(newer, 'two');
    put(newest, 'three');
    assert.deepEqual(layouts(newer).names, ['one', 'two']);
  });

  it('is left alone where there is no copy', () => {
    open(newest).db.close();
    assert.throws(
      () => open(newer),
      (error) => error instanceof StoreError && error.code === 'newer_database',
    );
    assert.ok(existsSync(file));
  });

  it('makes no copy of a new database, nor of one that is up to date', () => {
    open(ours).db.close();
    open(ours).db.close();
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.v')),
      [],
    );
  });

  it('keeps the copy to itself, and makes a new one where a power cut left half of one', () => {
    put(ours, 'before');
    const copy = `${file}.v${ours.length}`;
    writeFileSync(`${copy}.new`, 'half');
    open(newer).db.close();
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${copy}.new`));
    assert.deepEqual(layouts(ours).names, ['before']);
  });
});
