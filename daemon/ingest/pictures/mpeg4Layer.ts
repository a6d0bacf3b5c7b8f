/** What MPEG-4 part 2’s VideoObjectLayer says of the pictures (ISO/IEC 14496-2 §6.2.3). Pure and total. */
import { BitReader } from '../../nal/bitReader.ts';

export interface Mpeg4Layer {
  readonly width: number;
  readonly height: number;
  /** A second’s parts that pictures’ times are counted in: vop_time_increment_resolution. */
  readonly ticks: number;
}

/** `aspect_ratio_info`: it is said in two bytes that follow. */
const EXTENDED_ASPECT = 15;
const RECTANGULAR = 0;
/** Of vbv_parameters: bit rate, buffer size, occupancy, with markers between. */
const VBV_BITS = 79;

/** Whether a start code begins one. */
export const isLayerCode = (code: number) => code >= 0x20 && code <= 0x2f;

/** Bits that a number of such parts takes: vop_time_increment’s. */
export const tickBits = (ticks: number) => Math.max(1, Math.ceil(Math.log2(Math.max(ticks, 1))));

/** @param bytes behind its start code @returns undefined: it ends too early, or its pictures are no rectangles */
export function mpeg4Layer(bytes: Buffer): Mpeg4Layer | undefined {
  const bits = new BitReader(bytes);
  bits.bits(1 + 8);
  // video_object_layer_verid and priority.
  if (bits.flag()) bits.bits(4 + 3);
  if (bits.bits(4) === EXTENDED_ASPECT) bits.bits(16);
  if (bits.flag()) {
    bits.bits(2 + 1);
    if (bits.flag()) bits.bits(VBV_BITS);
  }
  if (bits.bits(2) !== RECTANGULAR) return undefined;
  bits.bit();
  const ticks = bits.bits(16);
  bits.bit();
  // fixed_vop_rate
  if (bits.flag()) bits.bits(tickBits(ticks));
  bits.bit();
  const width = bits.bits(13);
  bits.bit();
  const height = bits.bits(13);
  return bits.overrun || width === 0 || height === 0 || ticks === 0 ? undefined : { width, height, ticks };
}
