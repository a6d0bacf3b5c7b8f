/** Byte streams of NAL units (Annex B of ITU-T H.264 and H.265), and what is inside one. Pure. */

/** The four-byte start code before every NAL unit of an access unit. */
export const START_CODE: Buffer = Buffer.from([0, 0, 0, 1]);

const SHORT_START_CODE = Buffer.from([0, 0, 1]);

/** Whether the bytes hold a start code, which no NAL unit can (emulation prevention). One native search. */
export function hasStartCode(bytes: Buffer): boolean {
  return bytes.includes(SHORT_START_CODE);
}

/**
 * The NAL units of an Annex B byte stream, as views; of bytes without any start code, the whole. Zeros before start
 * codes and at the end belong to none (`trailing_zero_8bits`); empty ones are left out.
 */
export function annexBNals(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const next = bytes.indexOf(SHORT_START_CODE, start);
    const nal = trimZeros(bytes.subarray(start, next < 0 ? bytes.length : next));
    if (nal.length > 0) nals.push(nal);
    if (next < 0) break;
    start = next + SHORT_START_CODE.length;
  }
  return nals;
}

/** The bytes without zeros at their end, with which no NAL unit ends (H.264 §7.4.1, H.265 §7.4.2). A view. */
export function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** Several NAL units as one Annex B byte stream. */
export function toAnnexB(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
}

/** Whether two lists have the same NAL units, byte for byte. */
export function sameNals(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((nal, i) => nal.equals(b[i]!));
}

/**
 * Removes emulation prevention bytes (00 00 03) from a NAL unit behind its header.
 * @param headerLength bytes: 1 in H.264, 2 in H.265
 * @param limit looks at so many bytes at most
 */
export function rbsp(nal: Buffer, headerLength: number, limit: number = nal.length): Buffer {
  const end = Math.min(nal.length, limit + headerLength);
  const out = Buffer.allocUnsafe(Math.max(end - headerLength, 0));
  let length = 0;
  let zeros = 0;
  for (let i = headerLength; i < end; i++) {
    const byte = nal[i]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Whether the payload of a supplemental enhancement information NAL unit holds a recovery point message (H.264 §D.1.8, H.265 §D.2.8). */
export function hasRecoveryPoint(sei: Buffer, headerLength: number): boolean {
  const bytes = rbsp(sei, headerLength, 4096);
  let at = 0;
  // The last byte is the trailing bits, so a message needs two bytes and that one.
  while (at + 2 < bytes.length) {
    let type = 0;
    while (bytes[at] === 0xff) {
      type += 255;
      at++;
    }
    type += bytes[at++] ?? 0;
    let size = 0;
    while (bytes[at] === 0xff) {
      size += 255;
      at++;
    }
    size += bytes[at++] ?? 0;
    if (type === 6) return true;
    at += size;
  }
  return false;
}
