import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite, { type Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { type Migration, migrate, readMigrations, userVersion } from './migrate.ts';
import { keepCopy, takeBack } from './priorCopy.ts';
import { StoreError, toStoreError } from './storeError.ts';
import { syncFolder } from './sync.ts';

/** Milliseconds to wait for another process (a backup by `sqlite3`) that holds the file. */
const BUSY_TIMEOUT = 5000;
/** Before it, passwords were in the clear: no copy of such a database is kept. */
const SEALED_SINCE = 2;

export interface OpenedDatabase {
  readonly db: Database;
  /** Where a damaged database was put, null in the normal case. */
  readonly recovered: string | null;
}

/**
 * Opens (or begins) the database, checks it and migrates it. `:memory:` keeps it in memory only.
 *
 * A damaged file is set aside as `<file>.corrupt-<time>` with its write-ahead log, and a new one is begun: a wall
 * that finds its cameras again is worth more than one that does not start. Nothing is deleted. One of a newer Walleye is
 * set aside where there is a copy from before that version changed it (`priorCopy.ts`).
 *
 * @param migrations others than Walleye's own, for tests
 * @throws StoreError `newer_database`, `migration_failed`, `io`
 */
export function openDatabase(
  file: string,
  log?: Logger,
  migrations: readonly Migration[] = readMigrations(),
): OpenedDatabase {
  try {
    return { db: open(file, log, migrations), recovered: null };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'newer_database') return olderAgain(file, log, migrations, error);
    if (error.code !== 'corrupt') throw error;
    const recovered = setAside(file);
    log?.error(
      { file, kept: recovered, err: error },
      `DATABASE DAMAGED: it was set aside as ${recovered} and an empty one was begun. Cameras and layouts must be ` +
        `added again, or restored from a backup; \`sqlite3 ${recovered} .recover\` may still read the old ones.`,
    );
    return { db: open(file, log, migrations), recovered };
  }
}

/** After the update was taken back. */
function olderAgain(
  file: string,
  log: Logger | undefined,
  migrations: readonly Migration[],
  error: StoreError,
): OpenedDatabase {
  let kept: string | undefined;
  try {
    kept = takeBack(file, migrations.length);
  } catch (cause) {
    throw fromSystem(cause, file);
  }
  if (kept === undefined) throw error;
  log?.warn(
    { file, kept },
    'the database is that of a newer Walleye: going on with the copy from before that version; what was saved since ' +
      `is in ${kept}`,
  );
  return { db: open(file, log, migrations), recovered: null };
}

function open(file: string, log: Logger | undefined, migrations: readonly Migration[]): Database {
  let db: Database | undefined;
  try {
    if (file !== ':memory:') createPrivately(file);
    db = new SQLite(file, { timeout: BUSY_TIMEOUT });
    db.pragma('journal_mode = WAL');
    // FULL: the log is on disk when the commit returns. NORMAL (the usual advice for WAL) may lose the last ones.
    db.pragma('synchronous = FULL');
    // A camera password that was changed or removed does not stay readable in free pages.
    db.pragma('secure_delete = ON');
    const damage = db.pragma('quick_check(1)', { simple: true });
    if (damage !== 'ok') {
      throw new StoreError('corrupt', file, `The database is damaged (${file}): ${damage}`);
    }
    const version = userVersion(db, file);
    if (version >= SEALED_SINCE && version < migrations.length) keepCopy(db, file, version);
    const applied = migrate(db, migrations, file);
    if (applied.length > 0) log?.info({ file, applied }, 'database brought up to date');
    return db;
  } catch (error) {
    db?.close();
    throw fromSystem(toStoreError(error, file), file);
  }
}

/** SQLite gives `-wal` and `-shm` the rights of the database file, so making that one private is enough. */
function createPrivately(file: string): void {
  createFolder(dirname(file));
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/** Not `recursive`: below /proc and the like Node's own never returns (it takes ENOENT for a missing parent for ever). */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** EACCES, ENOSPC, EROFS and the like from making the folder or the file. */
function fromSystem(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error) || !('syscall' in error)) return error;
  return new StoreError('io', file, `The database cannot be opened: ${error.message}`, { cause: error });
}

/**
 * The write-ahead log first: were the database moved first and we died in between, the new database would replay
 * the damaged one's log.
 */
function setAside(file: string): string {
  const time = new Date().toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  let target = `${file}.corrupt-${time}`;
  for (let n = 2; existsSync(target); n++) target = `${file}.corrupt-${time}-${n}`;
  try {
    for (const suffix of ['-wal', '-shm', '']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
    }
    syncFolder(dirname(file));
  } catch (error) {
    throw fromSystem(error, file);
  }
  return target;
}
