import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** AES-256. */
export const KEY_BYTES = 32;

/** The key that passwords are sealed with; without one `problem` says why, and what to do. */
export type SecretKey =
  | { readonly key: Buffer; readonly problem: null }
  | { readonly key: null; readonly problem: string };

/** The key of a database that has no other: a file beside it. */
export function keyFileBeside(database: string): string {
  return join(dirname(database), 'secret.key');
}

/**
 * The 32 bytes in `file`. Never throws: a wall without passwords shows more than no wall.
 *
 * @param make writes a new key where there is no file (0600, whole or not at all, on disk when this returns); left out
 *   for a key that somebody else provides, such as a systemd credential
 */
export function readSecretKey(file: string, make: boolean): SecretKey {
  try {
    if (make) makeKey(file);
    const key = readFileSync(file);
    if (key.length === KEY_BYTES) return { key, problem: null };
    return without(
      `${file} holds ${key.length} bytes and no key, which is ${KEY_BYTES} bytes: put the right file back and ` +
        'restart, or remove it and enter the cameras’ passwords again',
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `${file} is missing` : `${file} cannot be used (${message})`;
    return without(`${why}: put the key back and restart. Until then no camera password can be read or kept`);
  }
}

const without = (problem: string): SecretKey => ({ key: null, problem });

/**
 * Under another name first, and then by link(), which never replaces: a power cut leaves no half key, and of two
 * processes that start at once one makes the key and both use it.
 */
function makeKey(file: string): void {
  try {
    // It may have been restored with open rights.
    chmodSync(file, 0o600);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const draft = `${file}.${process.pid}`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, randomBytes(KEY_BYTES));
    fsyncSync(handle);
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(handle);
    unlinkSync(draft);
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
