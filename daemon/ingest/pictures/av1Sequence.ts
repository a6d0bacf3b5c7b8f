/** What an AV1 sequence header says of the pictures (AV1 §5.5). Pure and total. */
import { BitReader } from '../../nal/bitReader.ts';

export interface Av1Sequence {
  readonly width: number;
  readonly height: number;
  /** Where the pictures are said to be equally long. */
  readonly fps: number | undefined;
  /** AV1 in ISOBMFF §5, with the colours' format: from it the decoder configuration can be made. */
  readonly codecString: string;
  /** One picture, whose frame header says less. */
  readonly stillPicture: boolean;
}

/** seq_level_idx above which there is a tier. */
const TIERED = 7;
/** Colour description of pictures that are RGB in truth (§6.4.2): BT.709, sRGB, identity. */
const RGB = [1, 13, 0];

/** @param payload of the OBU @returns undefined: it ends too early */
export function av1Sequence(payload: Buffer): Av1Sequence | undefined {
  const bits = new BitReader(payload);
  const profile = bits.bits(3);
  bits.bit();
  const reduced = bits.flag();
  const { level, tier, fps } = reduced
    ? { level: bits.bits(5), tier: 0, fps: undefined }
    : operatingPoints(bits);
  const [widthBits, heightBits] = [bits.bits(4) + 1, bits.bits(4) + 1];
  const [width, height] = [bits.bits(widthBits) + 1, bits.bits(heightBits) + 1];
  if (!reduced && bits.flag()) bits.bits(4 + 3);
  tools(bits, reduced);
  const colour = colourOf(bits, profile);
  if (bits.overrun) return undefined;
  const two = (value: number) => String(value).padStart(2, '0');
  const codecString = `av01.${profile}.${two(level)}${tier ? 'H' : 'M'}.${two(colour.depth)}.${colour.mono}.${colour.chroma}`;
  return { width, height, fps, codecString, stillPicture: reduced };
}

/** timing_info, decoder_model_info and the operating points: level and tier of the first. */
function operatingPoints(bits: BitReader) {
  let fps: number | undefined;
  let delayBits: number | undefined;
  if (bits.flag()) {
    const [ticks, scale] = [bits.bits(32), bits.bits(32)];
    if (bits.flag()) {
      const duration = ticks * (bits.ue() + 1);
      if (duration > 0 && scale > 0) fps = scale / duration;
    }
    if (bits.flag()) {
      delayBits = bits.bits(5) + 1;
      bits.bits(32);
      bits.bits(5 + 5);
    }
  }
  const hasDelay = bits.flag();
  let [level, tier] = [0, 0];
  for (let point = 0, points = bits.bits(5) + 1; point < points && !bits.overrun; point++) {
    bits.bits(12);
    const itsLevel = bits.bits(5);
    const itsTier = itsLevel > TIERED ? bits.bit() : 0;
    if (point === 0) [level, tier] = [itsLevel, itsTier];
    if (delayBits !== undefined && bits.flag()) {
      bits.bits(delayBits);
      bits.bits(delayBits);
      bits.bit();
    }
    if (hasDelay && bits.flag()) bits.bits(4);
  }
  return { level, tier, fps };
}

/** Which tools may be used, of which nothing is kept. */
function tools(bits: BitReader, reduced: boolean): void {
  bits.bits(3);
  if (!reduced) {
    bits.bits(4);
    const ordered = bits.flag();
    if (ordered) bits.bits(2);
    // seq_choose_screen_content_tools, else whether they are.
    const screen = bits.flag() ? true : bits.flag();
    // seq_choose_integer_mv, else whether they are.
    if (screen && !bits.flag()) bits.bit();
    if (ordered) bits.bits(3);
  }
  bits.bits(3);
}

/** color_config(): bits of a sample, monochrome, and the two subsamplings with the samples’ position. */
function colourOf(bits: BitReader, profile: number): { depth: number; mono: number; chroma: string } {
  const high = bits.flag();
  const depth = profile === 2 && high ? (bits.flag() ? 12 : 10) : high ? 10 : 8;
  const mono = profile === 1 ? 0 : bits.bit();
  const said = bits.flag() ? [bits.bits(8), bits.bits(8), bits.bits(8)] : undefined;
  if (mono) {
    bits.bit();
    return { depth, mono, chroma: '110' };
  }
  if (said?.every((value, i) => value === RGB[i])) return { depth, mono, chroma: '000' };
  bits.bit();
  let [halfWidth, halfHeight] = [profile === 1 ? 0 : 1, profile === 0 ? 1 : 0];
  if (profile === 2 && depth === 12) {
    halfWidth = bits.bit();
    halfHeight = halfWidth ? bits.bit() : 0;
  }
  const position = halfWidth && halfHeight ? bits.bits(2) : 0;
  return { depth, mono, chroma: `${halfWidth}${halfHeight}${position}` };
}
