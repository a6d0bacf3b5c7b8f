/** AV1's open bitstream units (AV1 §5.3), which to AV1 are what NAL units are to H.264. Pure and total. */

/** Bits of the first byte (§5.3.2). */
export const OBU_EXTENDED = 0x04;
export const OBU_SIZED = 0x02;
/** A `leb128` is no longer. */
const MAX_LEB128 = 8;

export interface Obu {
  readonly type: number;
  /** As it stands. */
  readonly whole: Buffer;
  readonly payload: Buffer;
}

/** @param header the first byte */
export const obuType = (header: number) => (header >> 3) & 15;

/** Those that have a size; ends where one does not. */
export function* obusOf(bytes: Buffer): Generator<Obu> {
  for (let at = 0; at < bytes.length; ) {
    const header = bytes[at]!;
    const size = leb128(bytes, at + (header & OBU_EXTENDED ? 2 : 1));
    if (!(header & OBU_SIZED) || !size || size.end + size.value > bytes.length) return;
    const end = size.end + size.value;
    yield {
      type: obuType(header),
      whole: bytes.subarray(at, end),
      payload: bytes.subarray(size.end, end),
    };
    at = end;
  }
}

/** §4.10.5. `end`: what is behind it. */
export function leb128(bytes: Buffer, from: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_LEB128; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: from + i + 1 };
  }
  return undefined;
}

export function toLeb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
