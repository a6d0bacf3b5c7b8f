/** H.264 NAL units (ITU-T H.264 §7.3.1, Annex B) and their aggregation in RTP (RFC 6184 §5.7.1). Pure. */

import { BitReader } from './bitReader.ts';

export const H264_SLICE = 1;
export const H264_IDR = 5;
export const H264_SEI = 6;
export const H264_SPS = 7;
export const H264_PPS = 8;
export const H264_AUD = 9;
export const H264_END_OF_SEQUENCE = 10;
export const H264_END_OF_STREAM = 11;
export const H264_FILLER = 12;
/** Payload structures of RFC 6184 §5.2, in the place of a NAL unit type. */
export const H264_STAP_A = 24;
export const H264_STAP_B = 25;
export const H264_MTAP16 = 26;
export const H264_MTAP24 = 27;
export const H264_FU_A = 28;
export const H264_FU_B = 29;

/** The four-byte start code before every NAL unit of an access unit. */
export const START_CODE: Buffer = Buffer.from([0, 0, 0, 1]);

const SHORT_START_CODE = Buffer.from([0, 0, 1]);

/** The NAL unit type in a header byte. */
export function h264Type(header: number): number {
  return header & 0x1f;
}

/** Slices and slice data partitions: what a picture is made of. */
export function isH264Vcl(type: number): boolean {
  return type >= H264_SLICE && type <= H264_IDR;
}

/** Whether the bytes hold a start code, which no NAL unit can (emulation prevention). One native search. */
export function hasStartCode(bytes: Buffer): boolean {
  return bytes.includes(SHORT_START_CODE);
}

/**
 * The NAL units of an Annex B byte stream, as views; of bytes without any start code, the whole. Zeros before start
 * codes and at the end belong to none (`trailing_zero_8bits`); empty ones are left out.
 */
export function h264Nals(bytes: Buffer): Buffer[] {
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

/** The bytes without zeros at their end, with which no NAL unit ends (§7.4.1). A view. */
export function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** Several NAL units as one Annex B byte stream. */
export function toAnnexB(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
}

/**
 * The NAL units in a STAP-A payload, as views. Ends at a size of 0, which is zero padding (case 63), and leaves
 * out one that is cut off; `cut` is that one's header byte.
 */
export function stapANals(payload: Buffer): { nals: Buffer[]; cut: number | undefined } {
  const nals: Buffer[] = [];
  let at = 1;
  while (at + 2 <= payload.length) {
    const size = payload.readUInt16BE(at);
    if (size === 0) break;
    at += 2;
    if (at + size > payload.length) return { nals, cut: payload[at] };
    nals.push(payload.subarray(at, at + size));
    at += size;
  }
  return { nals, cut: undefined };
}

/** Removes emulation prevention bytes (00 00 03) from at most `limit` bytes of a NAL unit, header left out. */
export function rbsp(nal: Buffer, limit: number = nal.length): Buffer {
  const end = Math.min(nal.length, limit + 1);
  const out = Buffer.allocUnsafe(Math.max(end - 1, 0));
  let length = 0;
  let zeros = 0;
  for (let i = 1; i < end; i++) {
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

/** Whether a slice is the first of its picture: `first_mb_in_slice` is 0, whose code is a single 1 bit. */
export function beginsPicture(slice: Buffer): boolean {
  return (slice[1]! & 0x80) !== 0;
}

/** The picture parameter set that a slice names, undefined where its header makes no sense. */
export function slicePpsId(slice: Buffer): number | undefined {
  const bits = new BitReader(rbsp(slice, 16));
  bits.ue();
  bits.ue();
  const id = bits.ue();
  return bits.overrun || id > 255 ? undefined : id;
}

/** Whether a supplemental enhancement information NAL unit holds a recovery point message (§D.1.8). */
export function hasRecoveryPoint(sei: Buffer): boolean {
  const bytes = rbsp(sei, 4096);
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
