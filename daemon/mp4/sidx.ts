/** The segment index (ISO/IEC 14496-12 §8.16.3): where in a file of fragments players find which time. Pure. */

export interface IndexReference {
  /** Bytes, below 2 GiB. */
  readonly bytes: number;
  /** To the next reference's beginning, in units of the timescale. */
  readonly duration: number;
}

/** References that one index holds. */
export const MOST_REFERENCES = 0xffff;

/** It begins with a key picture that nothing behind it in time stands in front of (type 1). */
const STARTS_WITH_SAP_1 = 0x9000_0000;
const HEAD = 40;
const REFERENCE = 12;

export function sidxBytes(references: number): number {
  return HEAD + references * REFERENCE;
}

/**
 * Each reference begins with a key picture; the first follows straight after the box. The earliest time is told as the decoding
 * time, which it differs from only where pictures are reordered: ffmpeg takes it for that.
 */
export function sidx(track: number, timescale: number, references: readonly IndexReference[]): Buffer {
  const box = Buffer.alloc(sidxBytes(references.length));
  box.writeUInt32BE(box.length, 0);
  box.write('sidx', 4, 'latin1');
  box.writeUInt32BE(0x0100_0000, 8);
  box.writeUInt32BE(track, 12);
  box.writeUInt32BE(timescale, 16);
  // Earliest presentation time and first offset are 0.
  box.writeUInt16BE(references.length, 38);
  for (const [i, { bytes, duration }] of references.entries()) {
    const at = HEAD + i * REFERENCE;
    box.writeUInt32BE(bytes, at);
    box.writeUInt32BE(duration, at + 4);
    box.writeUInt32BE(STARTS_WITH_SAP_1, at + 8);
  }
  return box;
}
