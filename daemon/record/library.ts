import { existsSync, mkdirSync, statSync } from 'node:fs';
import { stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { outdated } from './retention.ts';
import { type Segment, SegmentIndex } from './segmentIndex.ts';

export interface LibraryRules {
  days: (camera: string) => number | undefined;
  mostBytes: number | undefined;
  /** Bytes that stay free on the disk. */
  leastFree: number;
}

/** Segments that are looked at in one round; the next round goes on. */
const ROUND = 500;

/** No segment may go any more, and there is no room. */
export class NoRoom extends Error {
  readonly code = 'EDQUOT';
}

/** The disk was taken away, and the folder lies on the one below now, or on another one. */
export class FolderGone extends Error {
  readonly code = 'folder_unmounted';
}

/** All segments in one folder, and that they take no more room than they may. */
export class Library {
  readonly folder: string;
  readonly index: SegmentIndex;
  /** Segments that were found without their index, or mended at the opening. */
  readonly found: { rebuilt: boolean; mended: number };
  rules: LibraryRules;
  /** Bytes of what lies there besides, exports, and counts too. */
  otherBytes = 0;
  /** Segments that somebody reads, and how many do: they stay meanwhile. */
  #held = new Map<number, number>();
  #tidying: Promise<void> = Promise.resolve();
  /** Of the file system on which it was opened. */
  readonly #device: number;

  /** Makes the folder where it is not there; its parent must be. @throws errors of the file system */
  constructor(folder: string, rules: LibraryRules) {
    // Not `recursive`: below /proc Node's own never returns.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o750 });
    this.folder = folder;
    this.#device = statSync(folder).dev;
    this.rules = rules;
    const { index, ...found } = SegmentIndex.open(folder);
    this.index = index;
    this.found = found;
  }

  /** To be asked before anything is changed there. @throws FolderGone, errors of the file system */
  async check(): Promise<void> {
    const { dev } = await stat(this.folder);
    if (dev === this.#device) return;
    throw new FolderGone(
      `The disk of ${this.folder} was taken away. Nothing is recorded until it is there again.`,
    );
  }

  async disk(): Promise<{ total: number; free: number }> {
    const { blocks, bavail, bsize } = await statfs(this.folder);
    return { total: blocks * bsize, free: bavail * bsize };
  }

  /** Takes away what is too old, and the oldest until `bytes` more fit. @throws NoRoom */
  async makeRoom(bytes: number): Promise<void> {
    const { mostBytes } = this.rules;
    const fits = () => mostBytes === undefined || this.index.bytes + this.otherBytes + bytes <= mostBytes;
    if (fits()) return;
    await this.tidy(bytes);
    if (fits()) return;
    throw new NoRoom(
      `Recordings may take ${mostBytes} bytes, and all that there are are protected or being written.`,
    );
  }

  /** One round at a time. @param bytes that shall fit besides */
  tidy(bytes = 0): Promise<void> {
    this.#tidying = this.#tidying.catch(() => {}).then(() => this.#tidy(bytes));
    return this.#tidying;
  }

  async #tidy(bytes: number): Promise<void> {
    await this.check();
    for (;;) {
      const { free } = await this.disk();
      const missing = Math.max(0, this.rules.leastFree + bytes - free);
      const segments = this.index.oldest(ROUND).filter(({ id }) => !this.#held.has(id));
      const rules = { now: Date.now(), days: this.rules.days, mostBytes: this.rules.mostBytes, missing };
      const gone = new Set(outdated(segments, this.index.bytes + this.otherBytes + bytes, rules));
      for (const segment of segments) if (gone.has(segment.id)) await this.remove(segment);
      if (gone.size < ROUND) return;
    }
  }

  /** No rule takes these away until the returned function is called. Somebody's own hand does. */
  hold(ids: readonly number[]): () => void {
    const count = (id: number, by: number) => {
      const holders = (this.#held.get(id) ?? 0) + by;
      if (holders > 0) this.#held.set(id, holders);
      else this.#held.delete(id);
    };
    for (const id of ids) count(id, 1);
    let held = true;
    return () => {
      if (held) for (const id of ids) count(id, -1);
      held = false;
    };
  }

  /** Its file and what is known of it. @throws FolderGone, errors of the file system but for a file that is not there */
  async remove({ id, path }: Segment): Promise<void> {
    await this.check();
    await unlink(join(this.folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    this.index.remove(id);
  }

  end(): void {
    this.index.end();
  }
}
