/** Cuts the output of a child into AAC frames (ADTS, ISO/IEC 14496-3 §1.A.2). Pure. */

const HEADER = 7;
const CRC = 2;
/** Of a header's length field. */
const MOST = 8191;

export class AdtsSplitter {
  #rest = Buffer.alloc(0);
  #lost = false;

  /** What came was no ADTS: nothing more is to be had of this child. */
  get lost(): boolean {
    return this.#lost;
  }

  /** The frames that are whole by now, without their headers. Copies. */
  push(chunk: Buffer): Buffer[] {
    if (this.#lost) return [];
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Buffer[] = [];
    let at = 0;
    while (at + HEADER <= bytes.length) {
      const second = bytes[at + 1]!;
      const header = HEADER + ((second & 1) === 0 ? CRC : 0);
      const length = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
      if (bytes[at] !== 0xff || (second & 0xf6) !== 0xf0 || length <= header) {
        this.#lost = true;
        break;
      }
      if (at + length > bytes.length) break;
      frames.push(Buffer.from(bytes.subarray(at + header, at + length)));
      at += length;
    }
    this.#rest = Buffer.from(bytes.subarray(at, at + MOST));
    return frames;
  }
}
