import { rbsp } from '../nal/annexB.ts';
import { BitReader } from '../nal/bitReader.ts';
import { H264_HEADER, H264_SPS, h264Type } from '../nal/h264.ts';
import { skipAppearance } from './vui.ts';

export interface H264Sps {
  readonly id: number;
  /** `avc1.PPCCLL` from the three bytes after the header: the SDP's profile-level-id is often rubbish (case 36). */
  readonly codecString: string;
  readonly profile: number;
  readonly level: number;
  /** Pixels after cropping. */
  readonly width: number;
  readonly height: number;
  /** False: the stream may hold fields (interlaced). */
  readonly frameMbsOnly: boolean;
  /** As VUI timing states it, undefined where it does not; often wrong (case 70). */
  readonly fps: number | undefined;
  /** Pictures that a decoder must hold back at most, undefined where not stated. */
  readonly maxNumReorderFrames: number | undefined;
}

export interface H264SpsInvalid {
  readonly invalid: string;
}

/** Profiles whose SPS tells of the chroma format and scaling lists (§7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_SIZE = 16384;
const MAX_FPS = 1000;

/**
 * Parses a sequence parameter set NAL unit. What follows the fields that we need is not looked at, since cameras
 * append bytes (Reolink, case 38); a broken VUI costs only what it would have told.
 */
export function parseH264Sps(nal: Buffer): H264Sps | H264SpsInvalid {
  if (nal.length < 5 || h264Type(nal[0]!) !== H264_SPS) return { invalid: 'not a sequence parameter set' };
  const bytes = rbsp(nal, H264_HEADER);
  const bits = new BitReader(bytes);
  const profile = bits.bits(8);
  bits.bits(8);
  const level = bits.bits(8);
  const id = bits.ue();
  if (id > 31) return { invalid: `sequence parameter set id ${id}` };

  let chromaFormat = 1;
  let separatePlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    chromaFormat = bits.ue();
    if (chromaFormat > 3) return { invalid: `chroma format ${chromaFormat}` };
    if (chromaFormat === 3) separatePlanes = bits.flag();
    bits.ue();
    bits.ue();
    bits.bit();
    if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.ue();
  if (!skipPictureOrderCount(bits)) return { invalid: 'picture order count type' };
  bits.ue();
  bits.bit();
  const widthInMbs = bits.ue() + 1;
  const heightInUnits = bits.ue() + 1;
  const frameMbsOnly = bits.flag();
  if (!frameMbsOnly) bits.bit();
  bits.bit();
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  if (bits.overrun) return { invalid: 'cut off' };

  const fieldFactor = frameMbsOnly ? 1 : 2;
  const chroma = separatePlanes ? 0 : chromaFormat;
  const cropX = (chroma === 1 || chroma === 2 ? 2 : 1) * (crop[0]! + crop[1]!);
  const cropY = (chroma === 1 ? 2 : 1) * fieldFactor * (crop[2]! + crop[3]!);
  const codedWidth = widthInMbs * 16;
  const codedHeight = heightInUnits * 16 * fieldFactor;
  if (codedWidth > MAX_SIZE || codedHeight > MAX_SIZE)
    return { invalid: `size ${codedWidth}×${codedHeight}` };
  if (cropX >= codedWidth || cropY >= codedHeight) return { invalid: 'everything is cropped away' };

  const vui = bits.flag() ? parseVui(bits) : { fps: undefined, maxNumReorderFrames: undefined };
  return {
    id,
    codecString: `avc1.${bytes.toString('hex', 0, 3).toUpperCase()}`,
    profile,
    level,
    width: codedWidth - cropX,
    height: codedHeight - cropY,
    frameMbsOnly,
    fps: vui.fps,
    maxNumReorderFrames: vui.maxNumReorderFrames,
  };
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let i = 0; i < count; i++) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let j = 0; j < (i < 6 ? 16 : 64) && next !== 0; j++) {
      next = (last + bits.se() + 256) & 0xff;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrderCount(bits: BitReader): boolean {
  const type = bits.ue();
  if (type === 0) {
    bits.ue();
  } else if (type === 1) {
    bits.bit();
    bits.se();
    bits.se();
    const cycle = bits.ue();
    if (cycle > 255) return false;
    for (let i = 0; i < cycle; i++) bits.se();
  }
  return type <= 2;
}

/** §E.1.1. Each value is given only where the bits reach. */
function parseVui(bits: BitReader): { fps: number | undefined; maxNumReorderFrames: number | undefined } {
  skipAppearance(bits);
  let fps: number | undefined;
  if (bits.flag()) {
    const unitsInTick = bits.bits(32);
    const timeScale = bits.bits(32);
    bits.bit();
    const rate = timeScale / (2 * unitsInTick);
    if (!bits.overrun && rate > 0 && rate <= MAX_FPS) fps = rate;
  }
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.bit();
  bits.bit();
  let maxNumReorderFrames: number | undefined;
  if (bits.flag()) {
    bits.bit();
    for (let i = 0; i < 4; i++) bits.ue();
    const frames = bits.ue();
    if (!bits.overrun && frames <= 16) maxNumReorderFrames = frames;
  }
  return { fps, maxNumReorderFrames };
}

/** §E.1.2. */
function skipHrd(bits: BitReader): void {
  const count = Math.min(bits.ue() + 1, 32);
  bits.bits(8);
  for (let i = 0; i < count; i++) {
    bits.ue();
    bits.ue();
    bits.bit();
  }
  bits.bits(20);
}
