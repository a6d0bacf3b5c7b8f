import { existsSync, mkdirSync } from 'node:fs';
import { statfs, unlink } from 'node:fs/promises';
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

/** All segments in one folder, and that they take no more room than they may. */
export class Library {
  readonly folder: string;
  readonly index: SegmentIndex;
  /** Segments that were found without their index, or mended at the opening. */
  readonly found: { rebuilt: boolean; mended: number };
  rules: LibraryRules;
  #tidying: Promise<void> = Promise.resolve();

  /** Makes the folder where it is not there; its parent must be. @throws errors of the file system */
  constructor(folder: string, rules: LibraryRules) {
    // Not `recursive`: below /proc Node's own never returns.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o750 });
    this.folder = folder;
    this.rules = rules;
    const { index, ...found } = SegmentIndex.open(folder);
    this.index = index;
    this.found = found;
  }

  async disk(): Promise<{ total: number; free: number }> {
    const { blocks, bavail, bsize } = await statfs(this.folder);
    return { total: blocks * bsize, free: bavail * bsize };
  }

  /** Takes away what is too old, and the oldest until `bytes` more fit. @throws NoRoom */
  async makeRoom(bytes: number): Promise<void> {
    const { mostBytes } = this.rules;
    if (mostBytes === undefined || this.index.bytes + bytes <= mostBytes) return;
    await this.tidy(bytes);
    if (this.index.bytes + bytes <= mostBytes) return;
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
    for (;;) {
      const { free } = await this.disk();
      const missing = Math.max(0, this.rules.leastFree + bytes - free);
      const segments = this.index.oldest(ROUND);
      const rules = { now: Date.now(), days: this.rules.days, mostBytes: this.rules.mostBytes, missing };
      const gone = new Set(outdated(segments, this.index.bytes + bytes, rules));
      for (const segment of segments) if (gone.has(segment.id)) await this.remove(segment);
      if (gone.size < ROUND) return;
    }
  }

  /** Its file and what is known of it. @throws errors of the file system but for a file that is not there */
  async remove({ id, path }: Segment): Promise<void> {
    await unlink(join(this.folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    this.index.remove(id);
  }

  end(): void {
    this.index.end();
  }
}
