import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { StoreError, toStoreError } from './storeError.ts';

/** One step: the database goes from `version - 1` to `version`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The numbered files of `migrations/`, in order. Throws a plain Error when the numbers have a gap: that is our own mistake. */
export function readMigrations(folder: string = join(import.meta.dirname, 'migrations')): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{3}_\w+\.sql$/.test(name))
    .sort();
  return names.map((name, index) => {
    const version = Number(name.slice(0, 3));
    if (version !== index + 1) throw new Error(`${name}: migration ${index + 1} was expected here`);
    return { version, name, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

/**
 * Brings the database to the newest version, each step in a transaction of its own together with its number in
 * `PRAGMA user_version`: a crash leaves it between two steps, never inside one.
 *
 * @returns the names of the migrations that were applied
 * @throws StoreError `newer_database` (nothing is touched), `migration_failed`, `corrupt`, `io`
 */
export function migrate(db: Database, migrations: readonly Migration[], file: string): string[] {
  const version = userVersion(db, file);
  if (version > migrations.length) {
    throw new StoreError(
      'newer_database',
      file,
      `${file} was written by a newer Walleye (database version ${version}, this one knows ${migrations.length}). ` +
        'Nothing was changed. Start that newer version again, or set WALLEYE_STATE_DIR to another folder to begin anew.',
    );
  }
  // Off while tables are rebuilt (https://sqlite.org/lang_altertable.html#otheralter); a no-op inside a
  // transaction, therefore here. What the migration left is checked before it is committed.
  db.pragma('foreign_keys = OFF');
  const applied: string[] = [];
  for (const migration of migrations.slice(version)) {
    try {
      db.transaction(() => step(db, migration)).immediate();
    } catch (error) {
      throw migrationError(error, migration, file);
    }
    applied.push(migration.name);
  }
  db.pragma('foreign_keys = ON');
  return applied;
}

/** How many migrations it has had; 0: it is new. @throws StoreError */
export function userVersion(db: Database, file: string): number {
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } catch (error) {
    throw toStoreError(error, file);
  }
}

function step(db: Database, migration: Migration): void {
  db.exec(migration.sql);
  const broken = db.pragma('foreign_key_check') as unknown[];
  if (broken.length > 0) throw new Error(`${broken.length} rows name a row that does not exist`);
  db.pragma(`user_version = ${migration.version}`);
}

function migrationError(error: unknown, migration: Migration, file: string): unknown {
  const known = toStoreError(error, file);
  if (known instanceof StoreError && (known.code === 'corrupt' || isDisk(known))) return known;
  return new StoreError(
    'migration_failed',
    `${file}, ${migration.name}`,
    `Migration ${migration.name} could not be applied to ${file} and was rolled back: ${error instanceof Error ? error.message : error}`,
    { cause: error },
  );
}

/** SQLITE_ERROR is what faulty SQL gives; everything else that maps to `io` is the disk, a lock or rights. */
function isDisk(error: StoreError): boolean {
  return error.code === 'io' && (error.cause as { code?: string }).code !== 'SQLITE_ERROR';
}
