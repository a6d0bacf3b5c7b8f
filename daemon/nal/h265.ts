/** H.265 NAL units (ITU-T H.265 §7.3.1) and their aggregation in RTP (RFC 7798 §4.4.2). Pure. */
import { rbsp } from './annexB.ts';
import { BitReader } from './bitReader.ts';

/** Bytes of a NAL unit's header. */
export const H265_HEADER = 2;
/** The last of the slices (§7.4.2.2, table 7-1); those from 22 on are reserved. */
export const H265_LAST_VCL = 31;
/** Leading pictures that cannot be decoded where decoding began at the picture that they lead (RASL_N, RASL_R). */
export const H265_RASL_N = 8;
export const H265_RASL_R = 9;
/** Intra random access point pictures: BLA, IDR, CRA; 22 and 23 are reserved for more. */
export const H265_BLA_W_LP = 16;
export const H265_IDR_W_RADL = 19;
export const H265_CRA = 21;
export const H265_LAST_IRAP = 23;
export const H265_VPS = 32;
export const H265_SPS = 33;
export const H265_PPS = 34;
export const H265_AUD = 35;
export const H265_END_OF_SEQUENCE = 36;
export const H265_FILLER = 38;
export const H265_PREFIX_SEI = 39;
export const H265_SUFFIX_SEI = 40;
/** Payload structures of RFC 7798 §4.4, in the place of a NAL unit type. */
export const H265_AP = 48;
export const H265_FU = 49;
export const H265_PACI = 50;

/** The NAL unit type in the first byte of a header. */
export function h265Type(header: number): number {
  return (header >> 1) & 0x3f;
}

/** nuh_layer_id: 0 but for the further layers of scalable and multiview streams. */
export function h265Layer(nal: Buffer): number {
  return ((nal[0]! & 1) << 5) | (nal[1]! >> 3);
}

export function isH265Irap(type: number): boolean {
  return type >= H265_BLA_W_LP && type <= H265_LAST_IRAP;
}

/**
 * The NAL units in an aggregation packet's payload, as views. Ends at a size of 0, which is zero padding, and leaves out
 * one that is cut off; `cut` is that one's header.
 */
export function aggregatedNals(payload: Buffer): { nals: Buffer[]; cut: Buffer | undefined } {
  const nals: Buffer[] = [];
  let at = H265_HEADER;
  while (at + 2 <= payload.length) {
    const size = payload.readUInt16BE(at);
    if (size === 0) break;
    at += 2;
    if (at + size > payload.length) {
      const header = payload.subarray(at, at + H265_HEADER);
      return { nals, cut: header.length === H265_HEADER ? header : undefined };
    }
    nals.push(payload.subarray(at, at + size));
    at += size;
  }
  return { nals, cut: undefined };
}

/** Whether a slice segment is the first of its picture: `first_slice_segment_in_pic_flag`. */
export function beginsPicture(slice: Buffer): boolean {
  return (slice[H265_HEADER]! & 0x80) !== 0;
}

/** The picture parameter set that a slice segment names (§7.3.6.1), undefined where its header makes no sense. */
export function slicePpsId(slice: Buffer): number | undefined {
  const bits = new BitReader(rbsp(slice, H265_HEADER, 16));
  bits.bit();
  if (isH265Irap(h265Type(slice[0]!))) bits.bit();
  const id = bits.ue();
  return bits.overrun || id > 63 ? undefined : id;
}
