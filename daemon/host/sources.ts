import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a site file comes from, in the order in which they are looked at; a later one outweighs an earlier one. */
export type SourceName = 'credential' | 'esp' | 'stick';

/** What lay in a source, by the names that the rest knows. */
export interface SourceFiles {
  files: Map<string, Buffer>;
  /** What was there and could not be taken. */
  problems: string[];
}

const MIB = 1 << 20;
/** Bytes. 256 cameras, 32 certificates and 200 users need less than one MiB. */
const LIMITS: Record<string, number> = {
  'site.json': 2 * MIB,
  authorized_keys: MIB / 4,
  'cameras.csv': 2 * MIB,
};
const NETWORK_LIMIT = MIB / 16;
const MOST_NETWORK_FILES = 32;
/** Windows hides endings, and adds its own. */
const MISNAMED = ['site.json.txt', 'site.txt', 'authorized_keys.txt', 'cameras.csv.txt', 'cameras.txt'];

/** systemd's credentials have names of their own (systemd.exec(5), ImportCredential=). */
export async function readCredentials(folder: string): Promise<SourceFiles> {
  const source: SourceFiles = { files: new Map(), problems: [] };
  await take(source, join(folder, 'walleye.site'), 'site.json', LIMITS['site.json']);
  await take(source, join(folder, 'walleye.authorized_keys'), 'authorized_keys', LIMITS.authorized_keys);
  return source;
}

/** A folder of the ESP, or a stick. Follows no links and reads no more than it must: a stick may hold anything. */
export async function readFolder(folder: string): Promise<SourceFiles> {
  const source: SourceFiles = { files: new Map(), problems: [] };
  if (!(await isFolder(folder))) return source;
  for (const [name, limit] of Object.entries(LIMITS)) await take(source, join(folder, name), name, limit);
  const network = join(folder, 'network');
  if (await isFolder(network)) {
    const names = await networkNames(network);
    if (names.length > MOST_NETWORK_FILES) {
      source.problems.push(`network/ holds more than ${MOST_NETWORK_FILES} files`);
    } else {
      for (const name of names) await take(source, join(network, name), `network/${name}`, NETWORK_LIMIT);
    }
  }
  for (const name of MISNAMED) {
    const right = name
      .replace(/\.txt$/, '')
      .replace(/^(site)$/, 'site.json')
      .replace(/^(cameras)$/, 'cameras.csv');
    const there = !source.files.has(right) && (await lstat(join(folder, name)).catch(() => undefined));
    if (there) source.problems.push(`${name} must be named ${right}`);
  }
  return source;
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Not readdir: a folder of a damaged or hostile stick may be endless. */
async function networkNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(folder)) {
    seen += 1;
    if (/\.(network|netdev)$/.test(name)) names.push(name);
    if (seen >= 1000 || names.length > MOST_NETWORK_FILES) break;
  }
  return names.sort();
}

async function take(source: SourceFiles, path: string, name: string, limit = MIB): Promise<void> {
  const read = await readLimited(path, limit);
  if (read instanceof Buffer) source.files.set(name, read);
  else if (read !== undefined) source.problems.push(`${name} ${read}`);
}

/** The bytes; undefined: no such file; or why not, as the end of a sentence. */
async function readLimited(path: string, limit: number): Promise<Buffer | string | undefined> {
  try {
    // NONBLOCK: a pipe of that name would let us wait for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return 'is no file';
      if (stats.size > limit) return `has ${stats.size} bytes: more than ${limit} are not taken`;
      const bytes = Buffer.alloc(stats.size);
      let at = 0;
      while (at < bytes.length) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'EMLINK') return 'is a link: put the file itself there';
    return `cannot be read: ${code}`;
  }
}
