/**
 * Files that root writes for the daemon to read, as wholes: what is being updated, what a stick brought. Read with the
 * care of a stranger's file all the same: it costs nothing, and such a file may be damaged.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. Not fs.watch: files that are replaced by renaming lose their watch. */
const EVERY = 2_000;

export interface RootFileOptions<T> {
  /** Bytes; a longer file is not read. */
  limit: number;
  /** @returns undefined: it is not what it should be. May throw, as JSON.parse does. */
  parse: (text: string) => T | undefined;
}

/** One such file, read again when it is another one. */
export class RootFile<T> {
  /** Undefined: there is none, or none that can be read. */
  value: T | undefined;
  /** Why it could not be read, as the end of a sentence; undefined: it was, or there is none. */
  problem: string | undefined;
  /** Another one than before: the file is another one. */
  stamp = 'none';
  /** performance.now() of the look that found it; of one that was there before us, the machine's start. */
  foundAt = 0;
  readonly path: string;
  readonly #options: RootFileOptions<T>;

  constructor(path: string, options: RootFileOptions<T>) {
    this.path = path;
    this.#options = options;
    this.look();
    this.foundAt = performance.now() - uptime() * 1000;
  }

  /** @returns whether it is another file than at the last look */
  look(): boolean {
    const stamp = stampOf(this.path);
    if (stamp === this.stamp) return false;
    this.stamp = stamp;
    this.foundAt = performance.now();
    this.value = undefined;
    this.problem = undefined;
    if (stamp === 'none') return true;
    const read = readLimited(this.path, this.#options.limit);
    if (read === undefined) return true;
    if ('problem' in read) this.problem = read.problem;
    else this.#parse(read.text);
    return true;
  }

  /** Looks until `signal`, and tells after each look whether it is another file. */
  async run(signal: AbortSignal, looked: (changed: boolean) => void): Promise<void> {
    while (!signal.aborted) {
      looked(this.look());
      await sleep(EVERY, undefined, { signal, ref: false }).catch(() => {}); // aborted
    }
  }

  #parse(text: string): void {
    try {
      this.value = this.#options.parse(text);
    } catch {
      // As what it should not be.
    }
    if (this.value === undefined) this.problem = 'is damaged';
  }
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = lstatSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(' ');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : `${code}`;
  }
}

/** Undefined: it is gone. */
function readLimited(path: string, limit: number): { text: string } | { problem: string } | undefined {
  let handle: number;
  try {
    // NONBLOCK: a pipe of that name would let us wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return { problem: code === 'ELOOP' ? 'is a link' : `cannot be read (${code})` };
  }
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) return { problem: 'is no file' };
    if (stats.size > limit) return { problem: `has ${stats.size} bytes, more than ${limit}` };
    const bytes = Buffer.alloc(stats.size);
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    return { text: bytes.toString('utf8', 0, length) };
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  } finally {
    closeSync(handle);
  }
}
