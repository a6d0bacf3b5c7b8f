import { constants } from 'node:fs';
import { type FileHandle, open, opendir, unlink } from 'node:fs/promises';
import type { RunCommand } from '../commands.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

export type Content = { text: string } | { problem: string };

/**
 * A folder of the daemon, read by root. Whoever owns the daemon may put links, pipes and endless files there, and
 * exchange them while we look: nothing is followed, and every name is looked up in the folder that was opened.
 */
export class GuardedFolder {
  readonly #handle: FileHandle;
  readonly #owner: number;

  private constructor(handle: FileHandle, owner: number) {
    this.#handle = handle;
    this.#owner = owner;
  }

  /** Undefined: there is no such folder, or a link in its place. Its parents are followed. */
  static async open(path: string): Promise<GuardedFolder | undefined> {
    const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(() => undefined);
    return handle && new GuardedFolder(handle, (await handle.stat()).uid);
  }

  /** Node has no openat(2): the kernel's link to what was opened does the same. */
  #at(name: string): string {
    return `/proc/${process.pid}/fd/${this.#handle.fd}/${name}`;
  }

  /** @param limit bytes. Undefined: there is no such file */
  async read(name: string, limit: number): Promise<Content | undefined> {
    let file: FileHandle;
    try {
      // NONBLOCK: a pipe of that name would let us wait for ever.
      file = await open(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      return { problem: code === 'ELOOP' ? 'is a link' : `cannot be read (${code})` };
    }
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { problem: 'is no file' };
      // A second name of somebody else's file.
      if (stats.uid !== this.#owner || stats.nlink > 1) return { problem: 'is somebody else’s file' };
      if (stats.size > limit) return { problem: `has ${stats.size} bytes, more than ${limit}` };
      const bytes = Buffer.alloc(limit);
      const { bytesRead } = await file.read(bytes, 0, limit, 0);
      return { text: bytes.toString('utf8', 0, bytesRead) };
    } catch (error) {
      return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
    } finally {
      await file.close();
    }
  }

  /** @returns whether it was there, and is gone */
  async take(name: string): Promise<boolean> {
    return unlink(this.#at(name)).then(
      () => true,
      () => false,
    );
  }

  /** Names, without those that begin with a dot; not all of an endless folder. */
  async names(most = 100): Promise<string[]> {
    const names: string[] = [];
    const folder = await opendir(this.#at('.'));
    for await (const { name } of folder) {
      if (!name.startsWith('.')) names.push(name);
      if (names.length >= most) break;
    }
    return names;
  }

  /** Also a folder and all in it: rm(1) walks by handles, and follows no link that is put in its way. */
  async remove(name: string, run: RunCommand): Promise<void> {
    if (await this.take(name)) return;
    await run(['rm', '-rf', '--one-file-system', '--', this.#at(name)]);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** One short file of such a folder; undefined: it is not there, or not to be trusted. */
export async function readGuarded(folder: string, name: string, limit: number): Promise<string | undefined> {
  const guarded = await GuardedFolder.open(folder);
  if (!guarded) return undefined;
  try {
    const content = await guarded.read(name, limit);
    return content && 'text' in content ? content.text : undefined;
  } finally {
    await guarded.close();
  }
}
