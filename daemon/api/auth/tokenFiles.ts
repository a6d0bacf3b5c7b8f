import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { newSecret } from './secrets.ts';
import { TOKEN_PREFIX } from './tokens.ts';

/** What this machine itself is let in with, whatever becomes of users and passwords. */
export interface TokenFiles {
  /** Of the box's own screen: its start address is /screen/TOKEN. */
  screen: string;
  /** Of `walleye`, the command line. */
  cli: string;
}

/**
 * Reads `tokens/screen` and `tokens/cli` in the state folder; makes those that are not there. Nobody but the daemon's own
 * user may read them (0600, the folder 0700).
 * @throws the file system's error, its `path` says where
 */
export function ensureTokenFiles(stateDir: string): TokenFiles {
  const folder = join(stateDir, 'tokens');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return { screen: ensure(join(folder, 'screen'), ''), cli: ensure(join(folder, 'cli'), TOKEN_PREFIX) };
}

function ensure(file: string, prefix: string): string {
  const known = read(file);
  // A file that was cut short by a power failure is no token.
  if (known.length === prefix.length + 43 && known.startsWith(prefix) && /^[\w-]+$/.test(known)) {
    chmodSync(file, 0o600);
    return known;
  }
  const token = prefix + newSecret();
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, `${token}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return token;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
