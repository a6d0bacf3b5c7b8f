import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import { readSegment, type SegmentContent } from './segmentBoxes.ts';

/**
 * What a file holds, that nobody writes now; what was cut off at its end is taken away, and the file where nothing is left of it. For a
 * thread of its own: it waits for the disk.
 *
 * @returns undefined: there is nothing in it, or it is none of ours @throws errors of the file system
 */
export function mendSegment(path: string): { content: SegmentContent; bytes: number } | undefined {
  if (!existsSync(path)) return undefined;
  const found = readAndCut(path);
  if (found === 'empty') unlinkSync(path);
  return typeof found === 'object' ? found : undefined;
}

function readAndCut(path: string): { content: SegmentContent; bytes: number } | 'empty' | 'foreign' {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const content = readSegment((offset, length) => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
    }, size);
    if (!content) return isBlank(file) ? 'empty' : 'foreign';
    if (content.fragments.length === 0) return 'empty';
    if (content.whole < size) ftruncateSync(file, content.whole);
    return { content, bytes: content.whole };
  } finally {
    closeSync(file);
  }
}

/** Made, and the power went before its first bytes were on the disk: file systems then leave nothing, or zeros. */
function isBlank(file: number): boolean {
  const start = Buffer.alloc(16);
  return readSync(file, start, 0, start.length, 0) === 0 || start.every((byte) => byte === 0);
}
