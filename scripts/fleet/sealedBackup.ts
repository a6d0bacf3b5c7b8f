/** Backups as files of this machine: opened to see whether they can be, and compared with what a box holds. */
import { readFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Compile } from 'typebox/compile';
import { Backup } from '../../daemon/schema.ts';
import { type Contents, readContents } from '../../daemon/store/contents.ts';
import { open } from '../../daemon/system/backupSeal.ts';
import { HostFailure, UsageError } from './failure.ts';
import type { Session } from './session.ts';

/** As the daemon demands. */
const SHORTEST = 8;
const form = Compile(Backup);

/** From WALLEYE_PASSPHRASE, or the first line of a file: `ps` would show an argument to everybody. @throws UsageError */
export function passphraseFrom(file: string | undefined): string {
  const passphrase = file === undefined ? process.env.WALLEYE_PASSPHRASE : firstLine(file);
  if (!passphrase)
    throw new UsageError('The passphrase of the backup: set WALLEYE_PASSPHRASE, or --passphrase-file FILE.');
  if (passphrase.length < SHORTEST)
    throw new UsageError(`The passphrase must have ${SHORTEST} characters at least.`);
  return passphrase;
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** @throws UsageError unless it is a whole backup that the passphrase opens */
export async function backupFile(
  file: string,
  passphrase: string,
): Promise<{ text: string; contents: Contents }> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const opened = await openText(text, passphrase);
  if ('why' in opened) throw new UsageError(`${file}: ${opened.why}`);
  return { text, contents: opened.contents };
}

/** A new backup of a box, seen to open. @throws HostFailure */
export async function backupOf(
  session: Session,
  passphrase: string,
): Promise<{ text: string; contents: Contents }> {
  const { answer } = await session.walleye<unknown>(['backup', '-', '--json'], `${passphrase}\n`);
  const text = JSON.stringify(answer);
  const opened = await openText(text, passphrase);
  if ('why' in opened) throw new HostFailure('failed', `its backup cannot be used: ${opened.why}`);
  return { text, contents: opened.contents };
}

async function openText(text: string, passphrase: string): Promise<{ contents: Contents } | { why: string }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: 'no backup of Walleye' };
  }
  if (!form.Check(value)) return { why: 'no backup of Walleye, or not a whole one' };
  const opened = await open(value, passphrase);
  if (!opened.ok)
    return { why: opened.why === 'damaged' ? 'it is damaged' : 'the passphrase does not open it' };
  const read = readContents(opened.text);
  if (read.ok) return { contents: read.contents };
  return { why: read.why === 'newer' ? 'it was made by a newer Walleye' : 'it is damaged' };
}

/** Whether a restore would change nothing that anybody set; what a box learns and counts by itself is left out. */
export function sameContents(a: Contents, b: Contents): boolean {
  return isDeepStrictEqual(settled(a), settled(b));
}

/**
 * Whether a box took this backup, or a later one of the same box, before: what came out of it is there still, by the moment at
 * which each was first made. What was changed since does not matter.
 */
export function stemsFrom(now: Contents, backup: Contents): boolean {
  const kept = <T extends { created_at: number }>(all: T[], one: T, same: (a: T, b: T) => boolean) =>
    all.some((other) => other.created_at === one.created_at && same(other, one));
  if (backup.cameras.length + backup.users.length === 0) return sameContents(now, backup);
  return (
    backup.cameras.every((camera) => kept(now.cameras, camera, (a, b) => a.id === b.id)) &&
    backup.users.every((user) => kept(now.users, user, (a, b) => a.name === b.name))
  );
}

function settled({ cameras, streams, layouts, wall, settings, others, users, tokens }: Contents): unknown {
  const by = <T>(items: T[], key: (item: T) => string) =>
    items.toSorted((x, y) => (key(x) < key(y) ? -1 : key(x) > key(y) ? 1 : 0));
  return JSON.parse(
    JSON.stringify({
      cameras: by(cameras, ({ id }) => id).map(({ id, name, address, username, password }) => ({
        ...{ id, name, address, username, password },
      })),
      streams: by(streams, ({ name }) => name).map(
        ({ codec: _c, width: _w, height: _h, fps: _f, snapshot_url: _s, ...stream }) => stream,
      ),
      layouts: by(layouts, ({ name }) => name),
      ...{ wall, settings, others },
      users: by(users, ({ name }) => name).map(({ name, role, password_hash }) => ({
        name,
        role,
        password_hash,
      })),
      tokens: by(tokens, ({ id }) => id).map(({ last_used: _, ...token }) => token),
    }),
  );
}

/** Never over another file; on the disk when it returns. @throws the file system's error */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await openFile(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const folder = await openFile(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
