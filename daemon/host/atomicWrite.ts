import { mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface Kind {
  /** Permission bits; of a link, none. */
  mode: number;
  /** A symbolic link to `text`. */
  link?: boolean;
}

/**
 * Writes a file as a whole or not at all: beside it, synchronised, renamed, the folder synchronised. Missing folders
 * are made. Owner is root, where we are.
 */
export async function writeAtomically(
  path: string,
  text: string,
  { mode, link = false }: Kind,
): Promise<void> {
  const folder = dirname(path);
  // A folder that is made for a secret is closed too.
  await mkdir(folder, { recursive: true, mode: (mode & 0o077) === 0 ? 0o700 : 0o755 });
  // One name, so that power cuts leave one at most. With a dot in front: nobody takes it for a setting.
  const beside = join(folder, `.${basename(path)}.new`);
  await rm(beside, { force: true });
  try {
    await (link ? symlink(text, beside) : writeSynchronised(beside, text, mode));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** A renamed or removed file is so for good only when its folder is on the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynchronised(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    if (process.getuid?.() === 0) await file.chown(0, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
