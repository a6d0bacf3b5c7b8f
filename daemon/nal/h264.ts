/** H.264 NAL units (ITU-T H.264 §7.3.1) and how RTP carries them (RFC 6184 §5). Pure. */
import { rbsp } from './annexB.ts';
import { BitReader } from './bitReader.ts';

/** Bytes of a NAL unit's header. */
export const H264_HEADER = 1;
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

/** The NAL unit type in a header byte. */
export function h264Type(header: number): number {
  return header & 0x1f;
}

/** Slices and slice data partitions: what a picture is made of. */
export function isH264Vcl(type: number): boolean {
  return type >= H264_SLICE && type <= H264_IDR;
}

/**
 * The NAL units in a STAP-A payload, as views. Ends at a size of 0, which is zero padding (case 63), and leaves
 * out one that is cut off; `cut` is that one's header.
 */
export function stapANals(payload: Buffer): { nals: Buffer[]; cut: Buffer | undefined } {
  const nals: Buffer[] = [];
  let at = 1;
  while (at + 2 <= payload.length) {
    const size = payload.readUInt16BE(at);
    if (size === 0) break;
    at += 2;
    if (at + size > payload.length) return { nals, cut: headerAt(payload, at) };
    nals.push(payload.subarray(at, at + size));
    at += size;
  }
  return { nals, cut: undefined };
}

/** Whether a slice is the first of its picture: `first_mb_in_slice` is 0, whose code is a single 1 bit. */
export function beginsPicture(slice: Buffer): boolean {
  return (slice[1]! & 0x80) !== 0;
}

/** The picture parameter set that a slice names, undefined where its header makes no sense. */
export function slicePpsId(slice: Buffer): number | undefined {
  const bits = new BitReader(rbsp(slice, H264_HEADER, 16));
  bits.ue();
  bits.ue();
  const id = bits.ue();
  return bits.overrun || id > 255 ? undefined : id;
}

function headerAt(payload: Buffer, at: number): Buffer | undefined {
  return at < payload.length ? payload.subarray(at, at + H264_HEADER) : undefined;
}
