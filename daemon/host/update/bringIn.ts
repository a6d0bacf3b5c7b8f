import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../atomicWrite.ts';
import type { RunCommand } from '../commands.ts';
import { sourcePattern } from './definition.ts';
import { gpgHome, keyringOf, NO_KEY, signatureFault } from './signature.ts';
import { type Offer, offersOf, sumsOf } from './sums.ts';
import { compareVersions } from './version.ts';

/** Bytes. */
const SUMS_LIMIT = 1 << 20;
const SIGNATURE_LIMIT = 1 << 16;
/** A partition has two GiB; nothing that is larger can be meant. */
const FILE_LIMIT = 2 ** 31;
/** What is left free for the box itself. */
const RESERVE = 64 << 20;
const CHUNK = 1 << 20;

export type BroughtIn =
  | { offer: Offer }
  /** Nothing here is newer than what runs. */
  | { nothing: true }
  | { problem: string };

export interface BringInOptions {
  /** The folder that somebody handed over: read as a stranger's. */
  from: string;
  /** Root's own, made anew. */
  into: string;
  keyrings: readonly string[];
  /** sysupdate's definitions say which files a version has. */
  definitions: string;
  /** That runs. */
  version: string;
  /** For what is kept for moments. */
  run: string;
}

/**
 * Copies the newest version of a folder, if it is newer than what runs, and checks the copy: the signature before
 * anything large is copied, each file's sum while it is. systemd-sysupdate gets only what passed.
 */
export async function bringIn(options: BringInOptions, run: RunCommand): Promise<BroughtIn> {
  const { from, into } = options;
  const looked = await lookIn(options, run);
  if (!('offer' in looked)) return looked;
  let size = 0;
  for (const { name } of looked.offer.files)
    size += (await lstat(join(from, name)).catch(() => undefined))?.size ?? 0;
  const room = await statfs(into);
  const free = room.bavail * room.bsize;
  if (free < size + RESERVE) {
    await empty(into);
    const missing = Math.ceil((size + RESERVE - free) / 2 ** 20);
    return {
      problem: `Version ${looked.offer.version} needs ${missing} MiB more on the disk than there are.`,
    };
  }
  for (const { name, sum } of looked.offer.files) {
    const copied = await copyFile(join(from, name), join(into, name), FILE_LIMIT);
    const fault =
      'problem' in copied
        ? copied.problem
        : copied.sum === sum
          ? undefined
          : 'is damaged: its sum is another one';
    if (fault !== undefined) {
      await empty(into);
      return { problem: `${name} ${fault}.` };
    }
  }
  await syncFolder(into);
  return looked;
}

/** The same without the large files: what is there, and whether it is signed. Leaves SHA256SUMS and its signature in `into`. */
export async function lookIn(options: BringInOptions, run: RunCommand): Promise<BroughtIn> {
  const { from, into } = options;
  await empty(into);
  for (const [name, limit] of [
    ['SHA256SUMS', SUMS_LIMIT],
    ['SHA256SUMS.gpg', SIGNATURE_LIMIT],
  ] as const) {
    const copied = await copyFile(join(from, name), join(into, name), limit);
    if ('problem' in copied) return { problem: `${name} ${copied.problem}.` };
  }
  return choose(options, run);
}

/** The same of a copy that bringIn() made: its lists are read again, its files are there. */
export async function broughtIn(options: Omit<BringInOptions, 'from'>, run: RunCommand): Promise<BroughtIn> {
  return choose({ ...options, from: options.into }, run);
}

/** The newest version whose files lie in `from`, by the lists in `into`. */
async function choose(options: BringInOptions, run: RunCommand): Promise<BroughtIn> {
  const { from, into, version } = options;
  const keyring = await keyringOf(options.keyrings);
  if (keyring === undefined) return { problem: NO_KEY };
  const files = { file: join(into, 'SHA256SUMS'), signature: join(into, 'SHA256SUMS.gpg') };
  const fault = await signatureFault({ ...files, keyring, home: gpgHome(options.run) }, run);
  if (fault !== undefined) return { problem: fault };
  const sums = sumsOf(await readFile(files.file, 'utf8').catch(() => ''));
  if (!sums) return { problem: 'SHA256SUMS is not what sha256sum writes.' };
  for (const offer of offersOf(sums, await patternsIn(options.definitions))) {
    if (compareVersions(offer.version, version) <= 0) break;
    if (await allThere(from, offer)) return { offer };
  }
  return { nothing: true };
}

async function allThere(folder: string, { files }: Offer): Promise<boolean> {
  for (const { name } of files) {
    if (!(await lstat(join(folder, name)).catch(() => undefined))?.isFile()) return false;
  }
  return true;
}

async function patternsIn(folder: string): Promise<RegExp[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.transfer')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => sourcePattern(text) ?? []);
}

async function empty(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** @returns SHA-256 of what was copied, in hexadecimal; or why not, as the end of a sentence */
async function copyFile(
  from: string,
  to: string,
  limit: number,
): Promise<{ sum: string } | { problem: string }> {
  let source: FileHandle;
  try {
    source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'is not there' };
    return { problem: code === 'ELOOP' ? 'is a link' : `cannot be read (${code})` };
  }
  try {
    const stats = await source.stat();
    if (!stats.isFile()) return { problem: 'is no file' };
    if (stats.size > limit) return { problem: `has ${stats.size} bytes: more than ${limit} are not taken` };
    return { sum: await copyBytes(source, to, stats.size) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    await rm(to, { force: true });
    return { problem: code === 'ENOSPC' ? 'has no room on the disk' : `cannot be copied (${code})` };
  } finally {
    await source.close();
  }
}

/** No more than `size`: a file that grows meanwhile is another one than we saw. */
async function copyBytes(source: FileHandle, to: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  const target = await open(to, 'wx', 0o600);
  try {
    const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, size)));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await source.read(chunk, 0, Math.min(chunk.length, size - at), at);
      if (bytesRead === 0) break;
      const bytes = chunk.subarray(0, bytesRead);
      hash.update(bytes);
      await target.writeFile(bytes);
      at += bytesRead;
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return hash.digest('hex');
}
