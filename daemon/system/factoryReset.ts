/**
 * Back to a new box. The order is left in a file, and carried out by the next start before anything is opened: whatever
 * moment the power is cut at, the box is either as it was or, after the next start, new.
 *
 * Only files go that Walleye makes itself. A state folder may be anybody's folder (`WALLEYE_STATE_DIR=~`).
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';

const ORDER = 'factory-reset';

/** Folder → names of our files in it. The order says what goes first: what opens something, then what it opens. */
const OURS: readonly (readonly [folder: string, files: RegExp])[] = [
  ['', /^secret\.key(\.\d+)?$/],
  ['tokens', /^(screen|cli)(\.new)?$/],
  ['tls', /^(cert|key|site)\.pem(\.new)?$/],
  // Those too that were set aside because they were damaged.
  ['', /^walleye\.sqlite(\.corrupt-[\dTZ-]+|\.newer-[\dTZ]+|\.v\d+(\.new)?)?(-wal|-shm|-journal)?$/],
  ['pictures', /^[A-Za-z0-9_-]{1,64}\.jpg(\.tmp)?$/],
];

/** Leaves the order for the next start; it is on disk when this returns. @throws the file system's error */
export function orderReset(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const handle = openSync(join(stateDir, ORDER), 'w', 0o600);
  try {
    writeSync(handle, 'Everything that was saved is removed at the next start.\n');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncFolder(stateDir);
}

/**
 * Carries the order out, if there is one. To be called before anything in the folder is opened.
 * @returns whether the box is new now
 * @throws the file system's error; the order stays, and the next start tries again
 */
export function carryOutReset(stateDir: string, log: Logger): boolean {
  if (!existsSync(join(stateDir, ORDER))) return false;
  let removed = 0;
  for (const [name, files] of OURS) {
    const folder = join(stateDir, name);
    // Never through a link, which leads to what is not ours.
    if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const file of readdirSync(folder).filter((file) => files.test(file))) {
      rmSync(join(folder, file), { force: true });
      removed++;
    }
    syncFolder(folder);
    if (name !== '') removeIfEmpty(folder);
  }
  // Only when all that is on disk: until then a power cut makes the next start do it again.
  syncFolder(stateDir);
  rmSync(join(stateDir, ORDER), { force: true });
  syncFolder(stateDir);
  log.warn({ folder: stateDir, files: removed }, 'factory reset: everything that was saved is removed');
  return true;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else's file lies in it.
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
