import { lstat, readFile, readlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeAtomically } from './atomicWrite.ts';
import { type HostChange, HostError, type HostFile } from './hostFile.ts';

export interface WriteOptions {
  /** The machine's root; another one in tests. */
  root?: string;
  /** Only say what would change. */
  dryRun?: boolean;
}

/**
 * Compares files with what is there and writes those that differ, each as a whole or not at all.
 *
 * @throws HostError `unwritable` at the first one that fails; those before it are written
 */
export async function writeFiles(
  files: readonly HostFile[],
  { root = '/', dryRun = false }: WriteOptions = {},
): Promise<HostChange[]> {
  const changes: HostChange[] = [];
  for (const file of files) {
    const path = join(root, file.path);
    try {
      const change = await difference(file, path);
      if (!change) continue;
      if (!dryRun) await (change.text === null ? remove(path) : writeAtomically(path, change.text, file));
      changes.push({ path: file.path, concerns: file.concerns, how: change.how });
    } catch (cause) {
      const message = `cannot be written: ${(cause as Error).message}`;
      throw new HostError('unwritable', [{ field: file.path, message }], { cause });
    }
  }
  return changes;
}

interface Current {
  text: string;
  link: boolean;
  /** Permission bits, undefined for links, which have none. */
  mode?: number;
  owned: boolean;
}

async function difference(
  file: HostFile,
  path: string,
): Promise<{ how: HostChange['how']; text: string | null } | undefined> {
  const current = await read(path);
  if (file.content === null) return current && { how: 'removed', text: null };
  if (!current) return { how: 'created', text: file.content };
  const text = file.merge && !current.link ? file.merge(current.text) : file.content;
  const same =
    current.text === text &&
    current.link === (file.link === true) &&
    (current.link || (current.mode === file.mode && current.owned));
  return same ? undefined : { how: 'changed', text };
}

async function read(path: string): Promise<Current | undefined> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!stats) return undefined;
  if (stats.isSymbolicLink()) return { text: await readlink(path), link: true, owned: true };
  if (!stats.isFile()) throw new Error('there is something that is no file');
  const owned = process.getuid?.() !== 0 || (stats.uid === 0 && stats.gid === 0);
  return { text: await readFile(path, 'utf8'), link: false, mode: stats.mode & 0o7777, owned };
}

async function remove(path: string): Promise<void> {
  await unlink(path);
  await syncFolder(dirname(path));
}
