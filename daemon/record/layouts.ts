import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { toRead } from './diskTurns.ts';
import type { Segment } from './segmentIndex.ts';
import { type ReadAt, readLayout, type SegmentLayout } from './segmentLayout.ts';

/** Fragments of all layouts that are kept, some 100 bytes each: six hours of four cameras. */
const MOST_FRAGMENTS = 90_000;
/** Files that are looked through at a time. */
const AT_ONCE = 8;

/** A segment, and where in its file what lies. */
export interface LaidOut {
  readonly segment: Segment;
  /** Of its file. */
  readonly path: string;
  readonly layout: SegmentLayout;
}

export function readerOf(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await toRead(() => file.read(buffer, 0, length, offset));
    return buffer.subarray(0, bytesRead);
  };
}

/** Layouts of segments, kept while they are of use: whoever jumps about in a recording asks for the same ones again and again. */
export class Layouts {
  #kept = new Map<string, SegmentLayout>();
  #fragments = 0;

  /** Those of the segments that are there and whole; a segment that is being written counts up to what the index knows. */
  async of(folder: string, segments: readonly Segment[]): Promise<LaidOut[]> {
    const found: (LaidOut | undefined)[] = [];
    let next = 0;
    const work = async () => {
      while (next < segments.length) {
        const i = next++;
        const segment = segments[i]!;
        const path = join(folder, segment.path);
        const layout = await this.#of(path, segment.bytes);
        if (layout && layout.fragments.length > 0) found[i] = { segment, path, layout };
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return found.filter((one) => one !== undefined);
  }

  async #of(path: string, bytes: number): Promise<SegmentLayout | undefined> {
    const key = `${bytes} ${path}`;
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const file = await toRead(() => open(path, 'r')).catch(() => undefined);
    // Retention took it in this moment.
    if (!file) return undefined;
    try {
      const layout = await readLayout(readerOf(file), bytes);
      if (layout) this.#keep(key, layout);
      return layout;
    } finally {
      await file.close();
    }
  }

  #keep(key: string, layout: SegmentLayout): void {
    this.#kept.set(key, layout);
    this.#fragments += layout.fragments.length;
    for (const [oldest, { fragments }] of this.#kept) {
      if (this.#fragments <= MOST_FRAGMENTS) return;
      this.#kept.delete(oldest);
      this.#fragments -= fragments.length;
    }
  }
}
