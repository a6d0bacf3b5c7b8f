import { rbsp } from '../nal/annexB.ts';
import { BitReader } from '../nal/bitReader.ts';
import { H265_HEADER, H265_SPS, h265Type } from '../nal/h265.ts';
import { skipAppearance } from './vui.ts';

export interface H265Sps {
  readonly id: number;
  /** The video parameter set that it belongs to. */
  readonly vpsId: number;
  /** `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 annex E.3). */
  readonly codecString: string;
  /** Pixels after cropping. */
  readonly width: number;
  readonly height: number;
  /** As VUI timing states it, undefined where it does not; often wrong (case 70). */
  readonly fps: number | undefined;
}

export interface H265SpsInvalid {
  readonly invalid: string;
}

const MAX_SIZE = 16384;
const MAX_FPS = 1000;
const MAX_SHORT_TERM_SETS = 64;
const MAX_LONG_TERM_PICTURES = 32;
/** Pictures of one reference picture set. */
const MAX_REFERENCES = 16;

/**
 * Parses a sequence parameter set NAL unit (ITU-T H.265 §7.3.2.2). What follows the fields that we need is not looked at;
 * a broken end costs only what it would have told, which is the frame rate.
 */
export function parseH265Sps(nal: Buffer): H265Sps | H265SpsInvalid {
  if (nal.length < 8 || h265Type(nal[0]!) !== H265_SPS) return { invalid: 'not a sequence parameter set' };
  const bits = new BitReader(rbsp(nal, H265_HEADER));
  const vpsId = bits.bits(4);
  const maxSubLayers = bits.bits(3);
  if (maxSubLayers > 6) return { invalid: `${maxSubLayers + 1} sub-layers` };
  bits.bit();
  const codecString = profileTierLevel(bits, maxSubLayers);
  const id = bits.ue();
  if (id > 15) return { invalid: `sequence parameter set id ${id}` };
  const chromaFormat = bits.ue();
  if (chromaFormat > 3) return { invalid: `chroma format ${chromaFormat}` };
  const separatePlanes = chromaFormat === 3 && bits.flag();
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  if (bits.overrun) return { invalid: 'cut off' };

  const chroma = separatePlanes ? 0 : chromaFormat;
  const width = codedWidth - (chroma === 1 || chroma === 2 ? 2 : 1) * (crop[0]! + crop[1]!);
  const height = codedHeight - (chroma === 1 ? 2 : 1) * (crop[2]! + crop[3]!);
  if (codedWidth === 0 || codedHeight === 0 || codedWidth > MAX_SIZE || codedHeight > MAX_SIZE)
    return { invalid: `size ${codedWidth}×${codedHeight}` };
  if (width <= 0 || height <= 0) return { invalid: 'everything is cropped away' };
  return {
    id,
    vpsId,
    codecString,
    width,
    height,
    fps: skipToVui(bits, maxSubLayers) ? fpsOf(bits) : undefined,
  };
}

/** §7.3.3, as a codec string: profile space and number, compatibility flags from the last, tier and level, constraints. */
function profileTierLevel(bits: BitReader, maxSubLayers: number): string {
  const space = ['', 'A', 'B', 'C'][bits.bits(2)];
  const tier = bits.flag() ? 'H' : 'L';
  const profile = bits.bits(5);
  let compatibility = 0;
  for (let i = 0; i < 32; i++) compatibility += bits.bit() * 2 ** i;
  const constraints = Array.from({ length: 6 }, () => bits.bits(8));
  const level = bits.bits(8);
  const present = Array.from({ length: maxSubLayers }, () => [bits.flag(), bits.flag()] as const);
  if (maxSubLayers > 0) bits.bits(2 * (8 - maxSubLayers));
  for (const [hasProfile, hasLevel] of present) {
    if (hasProfile) for (let i = 0; i < 11; i++) bits.bits(8);
    if (hasLevel) bits.bits(8);
  }
  while (constraints.at(-1) === 0) constraints.pop();
  const hex = (value: number) => value.toString(16).toUpperCase();
  return ['hvc1', `${space}${profile}`, hex(compatibility), `${tier}${level}`, ...constraints.map(hex)].join(
    '.',
  );
}

/** Whether there is a VUI, after what stands before it. */
function skipToVui(bits: BitReader, maxSubLayers: number): boolean {
  bits.ue();
  bits.ue();
  const pocBits = bits.ue() + 4;
  if (pocBits > 16) return false;
  const ordering = bits.flag() ? maxSubLayers + 1 : 1;
  for (let i = 0; i < ordering * 3; i++) bits.ue();
  for (let i = 0; i < 6; i++) bits.ue();
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.bits(2);
  if (bits.flag()) {
    bits.bits(8);
    bits.ue();
    bits.ue();
    bits.bit();
  }
  if (!skipShortTermSets(bits)) return false;
  if (bits.flag()) {
    const count = bits.ue();
    if (count > MAX_LONG_TERM_PICTURES) return false;
    for (let i = 0; i < count; i++) bits.bits(pocBits + 1);
  }
  bits.bits(2);
  return bits.flag() && !bits.overrun;
}

/** §7.3.4. */
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++)
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue();
        continue;
      }
      if (size > 1) bits.se();
      for (let i = 0; i < Math.min(64, 1 << (4 + 2 * size)) && !bits.overrun; i++) bits.se();
    }
}

/** §7.3.7. False: the bits make no sense. */
function skipShortTermSets(bits: BitReader): boolean {
  const count = bits.ue();
  if (count > MAX_SHORT_TERM_SETS) return false;
  /** Pictures of the set before. */
  let pictures = 0;
  for (let set = 0; set < count; set++) {
    if (set > 0 && bits.flag()) {
      bits.bit();
      bits.ue();
      let kept = 0;
      for (let i = 0; i <= pictures; i++) if (bits.flag() || bits.flag()) kept++;
      pictures = kept;
    } else {
      const [before, after] = [bits.ue(), bits.ue()];
      if (before > MAX_REFERENCES || after > MAX_REFERENCES) return false;
      pictures = before + after;
      for (let i = 0; i < pictures; i++) {
        bits.ue();
        bits.bit();
      }
    }
    if (pictures > 2 * MAX_REFERENCES || bits.overrun) return false;
  }
  return true;
}

/** §E.2.1, up to the timing. */
function fpsOf(bits: BitReader): number | undefined {
  skipAppearance(bits);
  bits.bits(3);
  if (bits.flag()) for (let i = 0; i < 4; i++) bits.ue();
  if (!bits.flag()) return undefined;
  const unitsInTick = bits.bits(32);
  const rate = bits.bits(32) / unitsInTick;
  return !bits.overrun && rate > 0 && rate <= MAX_FPS ? rate : undefined;
}
