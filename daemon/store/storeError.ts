import { SqliteError } from 'better-sqlite3';

/**
 * newer_database: written by a later Walleye, nothing was touched · corrupt: the file is damaged ·
 * exists: the id or name is taken · not_found: no such row, or the row names one that is not there ·
 * invalid: a value that the table does not take · migration_failed: a migration could not be applied and was
 * rolled back · io: the disk, the file's rights, or another process holds the file
 */
export type StoreErrorCode =
  | 'newer_database'
  | 'corrupt'
  | 'exists'
  | 'not_found'
  | 'invalid'
  | 'migration_failed'
  | 'io';

/** The one error of the store. `place` says which file or which row; the database's own error is the `cause`. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly place: string;

  constructor(code: StoreErrorCode, place: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
    this.place = place;
  }
}

/** https://sqlite.org/rescode.html: `SQLITE_` and the primary code, then perhaps an extension (`SQLITE_IOERR_WRITE`). */
function codeOf(sqliteCode: string): StoreErrorCode {
  if (sqliteCode === 'SQLITE_CONSTRAINT_PRIMARYKEY' || sqliteCode === 'SQLITE_CONSTRAINT_UNIQUE')
    return 'exists';
  if (sqliteCode === 'SQLITE_CONSTRAINT_FOREIGNKEY') return 'not_found';
  if (sqliteCode.startsWith('SQLITE_CONSTRAINT') || sqliteCode === 'SQLITE_MISMATCH') return 'invalid';
  if (sqliteCode.startsWith('SQLITE_CORRUPT') || sqliteCode === 'SQLITE_NOTADB') return 'corrupt';
  return 'io';
}

const SENTENCE: Record<Exclude<StoreErrorCode, 'io'>, (place: string) => string> = {
  newer_database: (place) => `${place} was written by a newer version.`,
  corrupt: (place) => `The database is damaged (${place}).`,
  exists: (place) => `${place} exists already.`,
  not_found: (place) => `${place} does not exist, or names something that does not.`,
  invalid: (place) => `${place} has a value that cannot be stored.`,
  migration_failed: (place) => `${place} could not be brought up to date.`,
};

function ioSentence(error: { code: string; message: string }, place: string): string {
  const hint = error.code.startsWith('SQLITE_BUSY')
    ? 'another process holds the file'
    : 'look at free space and rights';
  return `The database could not be read or written (${place}): ${error.message}; ${hint}.`;
}

/**
 * What better-sqlite3 threw, as a StoreError. Anything else (a programmer's mistake, such as a missing
 * parameter) is returned unchanged.
 */
export function toStoreError(error: unknown, place: string): unknown {
  if (!(error instanceof SqliteError)) return error;
  const code = codeOf(error.code);
  const sentence = code === 'io' ? ioSentence(error, place) : SENTENCE[code](place);
  return new StoreError(code, place, sentence, { cause: error });
}
