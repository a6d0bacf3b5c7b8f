import { type FileHandle, open } from 'node:fs/promises';
import { toRead } from './diskTurns.ts';
import { readerOf } from './layouts.ts';
import type { PlannedSegment } from './rangePlan.ts';
import type { Segment } from './segmentIndex.ts';
import type { ReadAt } from './segmentLayout.ts';

/** A segment in a plan. */
export interface Piece extends PlannedSegment {
  readonly segment: Segment;
  /** Of its file. */
  readonly path: string;
}

/** Reads the files of pieces, one after the other: the last one stays open, also when it is deleted meanwhile. */
export class PieceReader {
  #path: string | undefined;
  #file: FileHandle | undefined;

  /** @throws errors of the file system */
  async open({ path }: Piece): Promise<ReadAt> {
    if (this.#path !== path || !this.#file) {
      await this.close();
      this.#file = await toRead(() => open(path, 'r'));
      this.#path = path;
    }
    return readerOf(this.#file);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
