/**
 * `versions/N.sql` is a database as version N wrote it (`sqlite3 walleye.sqlite .dump`), `versions/N.json` what the
 * store must say of it after every later migration. A new migration N brings those two files and nothing else here.
 * Passwords in them are sealed with KEY.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import SQLite, { type Database } from 'better-sqlite3';
import { type Migration, migrate, readMigrations } from '../../daemon/store/migrate.ts';
import { openStore } from '../../daemon/store/store.ts';
import { contents } from './rows.ts';

const VERSIONS = join(import.meta.dirname, 'versions');
const KEY = Buffer.alloc(32, 7);
const root = mkdtempSync(join(tmpdir(), 'walleye-migrate-'));
after(() => rmSync(root, { recursive: true }));

const migrations = readMigrations();
const schema = (db: Database) =>
  db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all();

function fromDump(version: number, file: string): Database {
  const db = new SQLite(file);
  db.exec(readFileSync(join(VERSIONS, `${version}.sql`), 'utf8'));
  db.pragma(`user_version = ${version}`);
  return db;
}

for (const { version, name } of migrations) {
  describe(`a database of version ${version}`, () => {
    it('has its dump and its expectation among the tests', () => {
      for (const kind of ['sql', 'json']) {
        assert.ok(
          existsSync(join(VERSIONS, `${version}.${kind}`)),
          `add test/store/versions/${version}.${kind}`,
        );
      }
    });

    it('opens in this version with everything that it held', () => {
      const file = join(root, `${version}.sqlite`);
      fromDump(version, file).close();
      const { store, recovered } = openStore(file, undefined, KEY);
      assert.equal(recovered, null);
      const { rows = {}, ...expected } = JSON.parse(readFileSync(join(VERSIONS, `${version}.json`), 'utf8'));
      const held = {
        ...contents(store),
        credentials: store.credentials.matching(null),
        settings: store.settings.settings(),
        problems: store.problems,
        screenWalls: store.screenWalls.all(),
      };
      store.close();
      assert.partialDeepStrictEqual(held, expected);
      const db = new SQLite(file, { readonly: true });
      for (const [table, count] of Object.entries(rows))
        assert.equal(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), count, table);
      db.close();
    });

    it(`has the tables that ${name} makes today: a released migration is never edited`, () => {
      const released = fromDump(version, ':memory:');
      const made = new SQLite(':memory:');
      migrate(made, migrations.slice(0, version), 'test');
      assert.deepEqual(
        schema(made),
        schema(released),
        `write the next migration instead of changing ${name}`,
      );
      released.close();
      made.close();
    });
  });
}

describe('migrate', () => {
  const first: Migration = {
    version: 1,
    name: '001_a.sql',
    sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (7)',
  };
  const second: Migration = { version: 2, name: '002_b.sql', sql: 'CREATE TABLE b (a INTEGER REFERENCES a)' };
  const version = (db: Database) => db.pragma('user_version', { simple: true });

  it('applies each step once and says which', () => {
    const db = new SQLite(':memory:');
    assert.deepEqual(migrate(db, [first], 'test'), ['001_a.sql']);
    assert.deepEqual(migrate(db, [first, second], 'test'), ['002_b.sql']);
    assert.deepEqual(migrate(db, [first, second], 'test'), []);
    assert.equal(version(db), 2);
    assert.equal(db.pragma('foreign_keys', { simple: true }), 1);
    db.close();
  });

  const faults: [string, string][] = [
    ['that fails half-way', 'CREATE TABLE c (id INTEGER); DELETE FROM a; SELECT nonsense FROM nowhere'],
    [
      'that leaves a row without its parent',
      'CREATE TABLE c (a INTEGER REFERENCES a); INSERT INTO c VALUES (99)',
    ],
  ];
  for (const [what, sql] of faults) {
    it(`a step ${what} is undone whole, the steps before it stay`, () => {
      const db = new SQLite(':memory:');
      const broken: Migration = { version: 3, name: '003_broken.sql', sql };
      assert.throws(() => migrate(db, [first, second, broken], 'walleye.sqlite'), {
        name: 'StoreError',
        code: 'migration_failed',
        message: /003_broken\.sql could not be applied to walleye\.sqlite and was rolled back/,
      });
      assert.equal(version(db), 2);
      assert.deepEqual(db.prepare('SELECT id FROM a').all(), [{ id: 7 }]);
      assert.throws(() => db.prepare('SELECT * FROM c'), /no such table/);
      db.close();
    });
  }

  it('numbers without a gap are demanded of the files', () => {
    const folder = join(root, 'gap');
    mkdirSync(folder);
    writeFileSync(join(folder, '001_a.sql'), '');
    writeFileSync(join(folder, '003_c.sql'), '');
    assert.throws(() => readMigrations(folder), /003_c\.sql: migration 2 was expected/);
  });

  it('every file in migrations/ is taken, none is misnamed', () => {
    const files = readdirSync(join(import.meta.dirname, '../../daemon/store/migrations'));
    assert.deepEqual(
      migrations.map((migration) => migration.name),
      files.sort(),
    );
  });
});
