import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toWrite } from './diskTurns.ts';

/** Milliseconds between two moments at which what is written is surely on the disk: a power cut costs no more than that. */
const SYNC_EVERY = 5_000;

/** One file that is being written. Calls come one after the other. */
export class SegmentFile {
  readonly path: string;
  #file: FileHandle;
  #bytes = 0;
  #syncedAt = performance.now();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** @param path relative to the folder @throws errors of the file system, `EEXIST` too */
  static async create(folder: string, path: string): Promise<SegmentFile> {
    const whole = join(folder, path);
    // Not `recursive`: a disk that was taken away must not come back as a folder of the same name on the one below.
    const create = async () => {
      for (const one of [dirname(dirname(whole)), dirname(whole)])
        await mkdir(one, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
      return new SegmentFile(path, await open(whole, 'wx', 0o640));
    };
    return toWrite(() =>
      create().catch((error: NodeJS.ErrnoException) => {
        // The folder of the day was empty, and was taken away in this moment.
        if (error.code === 'ENOENT') return create();
        throw error;
      }),
    );
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All of it, or nothing and an error. @throws `ENOSPC`, `EIO`, … */
  async append(data: Buffer): Promise<void> {
    await toWrite(() => this.#append(data));
  }

  async #append(data: Buffer): Promise<void> {
    try {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await this.#file.write(data, at, data.length - at, this.#bytes + at);
        at += bytesWritten;
      }
    } catch (error) {
      // Half a fragment is of no use to anybody, and on a full disk it is in the way.
      await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
    this.#bytes += data.length;
    if (performance.now() - this.#syncedAt < SYNC_EVERY) return;
    this.#syncedAt = performance.now();
    await this.#file.datasync();
  }

  /** May be called after an error too. @returns what was written is surely on the disk */
  async close(): Promise<boolean> {
    return toWrite(async () => {
      const synced = await this.#file.datasync().then(
        () => true,
        () => false,
      );
      await this.#file.close();
      return synced;
    });
  }
}
