import type { BitReader } from '../nal/bitReader.ts';

const EXTENDED_SAR = 255;

/** Skips what video usability information begins with: aspect, overscan, colours, place of the chroma (H.264 §E.1.1, H.265 §E.2.1). */
export function skipAppearance(bits: BitReader): void {
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.bits(32);
  if (bits.flag()) bits.bit();
  if (bits.flag()) {
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
}
