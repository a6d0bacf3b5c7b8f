/** ADTS (ISO/IEC 14496-3 §1.A.2): headers that belong in files, and that some cameras leave on in RTP. Pure. */
import { configOf } from './audioSpecificConfig.ts';

export interface AdtsFrame {
  /** The frame without its header. A view. */
  readonly data: Buffer;
  /** The AudioSpecificConfig that the header amounts to; undefined where the channels are said elsewhere. */
  readonly config: Buffer | undefined;
}

const HEADER = 7;
const CRC = 2;

/**
 * Splits bytes that are ADTS frames throughout. Undefined where they are not: no AAC frame itself begins with the
 * twelve ones of a sync word, which would be an end element at its very beginning.
 */
export function adtsFrames(bytes: Buffer, most: number): AdtsFrame[] | undefined {
  const frames: AdtsFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (frames.length === most || at + HEADER > bytes.length) return undefined;
    const second = bytes[at + 1]!;
    if (bytes[at] !== 0xff || (second & 0xf6) !== 0xf0) return undefined; // sync word, layer 0
    const fields = bytes.readUInt32BE(at + 2);
    const length = (fields >> 5) & 0x1fff;
    const header = HEADER + ((second & 1) === 0 ? CRC : 0);
    // More than one raw data block in a frame cannot be parted without decoding.
    if (length <= header || at + length > bytes.length || (bytes[at + 6]! & 3) !== 0) return undefined;
    const objectType = (fields >>> 30) + 1;
    const config = configOf(objectType, (fields >> 26) & 15, (fields >> 22) & 7);
    frames.push({ data: bytes.subarray(at + header, at + length), config });
    at += length;
  }
  return frames.length > 0 ? frames : undefined;
}
