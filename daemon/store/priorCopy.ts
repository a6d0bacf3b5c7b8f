/**
 * The database as it was before a newer Walleye changed its form, for the day on which that version is taken back: an
 * appliance that boots into its old slot must find its cameras.
 *
 * A copy `<file>.v<number>` is made before a database of that form is migrated. An older Walleye that meets a newer
 * database sets it aside, as `<file>.newer-<time>`, and goes on with the copy. What was saved in between is in the one set
 * aside; nothing is deleted but older copies.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { syncFile, syncFolder } from './sync.ts';

/** Keeps the database in the form `version`. Whole or absent, whenever the power goes. @throws SqliteError, the file system's errors */
export function keepCopy(db: Database, file: string, version: number): void {
  const copy = `${file}.v${version}`;
  rmSync(`${copy}.new`, { force: true });
  db.prepare('VACUUM INTO ?').run(`${copy}.new`);
  syncFile(`${copy}.new`, 0o600);
  renameSync(`${copy}.new`, copy);
  syncFolder(dirname(file));
  for (const { path, version: other } of copies(file)) if (other < version) rmSync(path, { force: true });
}

/**
 * Puts the newest copy that this Walleye can read into the place of a database that it cannot.
 * @param known the newest form that it can read
 * @returns where the newer one lies now; undefined: there is no such copy, nothing was changed
 * @throws the file system's errors
 */
export function takeBack(file: string, known: number): string | undefined {
  const copy = copies(file)
    .filter(({ version }) => version <= known)
    .toSorted((a, b) => b.version - a.version)[0];
  if (!copy) return undefined;
  const aside = `${file}.newer-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  // The log first: the copy must not replay that of the newer one. Killed in between, the next start does the rest.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  renameSync(copy.path, file);
  syncFolder(dirname(file));
  return aside;
}

function copies(file: string): { path: string; version: number }[] {
  const folder = dirname(file);
  if (!existsSync(folder)) return [];
  const prefix = `${basename(file)}.v`;
  return readdirSync(folder).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    return /^\d+$/.test(number) ? [{ path: join(folder, name), version: Number(number) }] : [];
  });
}
