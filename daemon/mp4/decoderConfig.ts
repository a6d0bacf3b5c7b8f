/** What a decoder must know before the first sample of a track (ISO/IEC 14496-15; the bindings of VP9 and AV1). Pure. */
import type { VideoParameters } from '../frame.ts';
import { RbspBits } from './rbspBits.ts';

const H264_SPS = 7;
const H264_PPS = 8;
const H264_SPS_EXTENSION = 13;
const H265_VPS = 32;
const H265_SPS = 33;
const H265_PPS = 34;

/** Samples are cut up by four-byte lengths (lengthPrefixed.ts). */
const LENGTH_SIZE_MINUS_ONE = 3;
/** A set's length has two bytes in both records. */
const MAX_SET_BYTES = 0xffff;
/** Baseline, Main, Extended: 4:2:0 with 8 bits, of which nothing is said. */
const PLAIN_PROFILES = new Set([66, 77, 88]);
/** Profiles whose SPS tells of chroma format and bit depths (ITU-T H.264 §7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Chroma format (0–3: 4:0:0, 4:2:0, 4:2:2, 4:4:4) and bits of a sample beyond 8. */
interface SampleFormat {
  readonly chroma: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

/**
 * AVCDecoderConfigurationRecord (§5.3.3.1) or HEVCDecoderConfigurationRecord (§8.3.3.1) of the parameter sets: the content
 * of an `avcC` or `hvcC` box, and WebCodecs' `description`; of VP8, VP9 and AV1 that of `vpcC` and `av1C`, whose fields the codec string
 * has too. Undefined where there is no usable parameter set.
 */
export function decoderConfiguration(video: VideoParameters): Buffer | undefined {
  if (video.codec === 'vp8' || video.codec === 'vp9') return vpConfiguration(video);
  if (video.codec === 'av1') return av1Configuration(video);
  const sets = video.parameterSets.filter(({ length }) => length > 2 && length <= MAX_SET_BYTES);
  if (video.codec === 'h264') return avcConfiguration(sets);
  if (video.codec === 'hevc') return hevcConfiguration(sets);
  return undefined;
}

/** VPCodecConfigurationRecord, in a full box of version 1. What the string leaves out is 4:2:0 in BT.709. */
function vpConfiguration({ codecString }: VideoParameters): Buffer {
  const [profile = 0, level = 0, depth = 8, chroma = 1, primaries = 1, transfer = 1, matrix = 1] = codecString
    .split('.')
    .slice(1)
    .map(Number);
  return Buffer.of(
    1,
    0,
    0,
    0,
    profile,
    level,
    (depth << 4) | (chroma << 1),
    primaries,
    transfer,
    matrix,
    0,
    0,
  );
}

/** AV1CodecConfigurationRecord: the codec string’s fields, then the sequence header. */
function av1Configuration({ codecString, parameterSets }: VideoParameters): Buffer | undefined {
  const fields = /^av01\.(\d)\.(\d\d)([MH])\.(\d\d)\.(\d)\.(\d)(\d)(\d)$/.exec(codecString);
  const [sequence] = parameterSets;
  if (!fields || sequence === undefined) return undefined;
  const [profile, level, depth, mono, halfWidth, halfHeight, position] = [1, 2, 4, 5, 6, 7, 8].map((i) =>
    Number(fields[i]),
  );
  const tier = fields[3] === 'H' ? 0x80 : 0;
  const deep = depth! > 8 ? 0x40 : 0;
  const deeper = depth! > 10 ? 0x20 : 0;
  const colours = (mono! << 4) | (halfWidth! << 3) | (halfHeight! << 2) | position!;
  return Buffer.concat([
    Buffer.of(0x81, (profile! << 5) | level!, tier | deep | deeper | colours, 0),
    sequence,
  ]);
}

function avcConfiguration(sets: readonly Buffer[]): Buffer | undefined {
  const ofType = (type: number) => sets.filter((nal) => (nal[0]! & 0x1f) === type);
  // Five bits count the sequence parameter sets, eight the others.
  const all = ofType(H264_SPS).filter(({ length }) => length >= 4);
  const first = all[0];
  if (first === undefined) return undefined;
  const sps = all.slice(0, 31);
  const pps = ofType(H264_PPS).slice(0, 255);
  const extensions = ofType(H264_SPS_EXTENSION).slice(0, 255);

  const [profile, compatibility, level] = [first[1]!, first[2]!, first[3]!];
  const record = [
    Buffer.of(1, profile, compatibility, level, 0xfc | LENGTH_SIZE_MINUS_ONE, 0xe0 | sps.length),
    ...sps.flatMap(withLength),
    Buffer.of(pps.length),
    ...pps.flatMap(withLength),
  ];
  if (!PLAIN_PROFILES.has(profile)) {
    const { chroma, lumaBits, chromaBits } = avcFormat(first, profile);
    record.push(Buffer.of(0xfc | chroma, 0xf8 | lumaBits, 0xf8 | chromaBits, extensions.length));
    record.push(...extensions.flatMap(withLength));
  }
  return Buffer.concat(record);
}

/** ITU-T H.264 §7.3.2.1.1; 4:2:0 with 8 bits where nothing is said, or nothing that makes sense. */
function avcFormat(sps: Buffer, profile: number): SampleFormat {
  const bits = new RbspBits(sps, 1);
  bits.bits(24);
  bits.ue();
  if (!HIGH_PROFILES.has(profile)) return usable(bits, 1, 0, 0);
  const chroma = bits.ue();
  if (chroma === 3) bits.bits(1);
  return usable(bits, chroma, bits.ue(), bits.ue());
}

function hevcConfiguration(sets: readonly Buffer[]): Buffer | undefined {
  const arrays = [H265_VPS, H265_SPS, H265_PPS]
    .map((type) => ({ type, nals: sets.filter((nal) => ((nal[0]! >> 1) & 0x3f) === type) }))
    .filter(({ nals }) => nals.length > 0);
  const sps = arrays.find(({ type }) => type === H265_SPS)?.nals[0];
  if (sps === undefined) return undefined;
  const bits = new RbspBits(sps, 2);
  bits.bits(4);
  const subLayers = bits.bits(3) + 1;
  const nested = bits.bits(1);
  // Profile space, tier and profile, 32 compatibility flags, 48 bits of constraints, level (ITU-T H.265 §7.3.3).
  const general = Buffer.from(Array.from({ length: 12 }, () => bits.bits(8)));
  if (bits.overrun || subLayers > 7) return undefined;
  const { chroma, lumaBits, chromaBits } = hevcFormat(bits, subLayers);

  return Buffer.concat([
    Buffer.of(1),
    general,
    // Segmentation for parallel decoding, the frame rate: unknown.
    Buffer.of(0xf0, 0, 0xfc, 0xfc | chroma, 0xf8 | lumaBits, 0xf8 | chromaBits, 0, 0),
    Buffer.of((subLayers << 3) | (nested << 2) | LENGTH_SIZE_MINUS_ONE, arrays.length),
    ...arrays.flatMap(({ type, nals }) => [
      // array_completeness: hvc1 has them nowhere else.
      Buffer.of(0x80 | type, nals.length >> 8, nals.length & 0xff),
      ...nals.flatMap(withLength),
    ]),
  ]);
}

/** ITU-T H.265 §7.3.2.2, what stands between the general profile and the bit depths. */
function hevcFormat(bits: RbspBits, subLayers: number): SampleFormat {
  const present = Array.from({ length: subLayers - 1 }, () => [bits.bits(1), bits.bits(1)] as const);
  if (subLayers > 1) bits.bits(2 * (9 - subLayers));
  for (const [hasProfile, hasLevel] of present)
    for (let i = 0; i < 11 * hasProfile + hasLevel; i++) bits.bits(8);
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.bits(1);
  bits.ue();
  bits.ue();
  if (bits.bits(1) === 1) for (let i = 0; i < 4; i++) bits.ue();
  return usable(bits, chroma, bits.ue(), bits.ue());
}

/** 4:2:0 with 8 bits, which nearly every camera sends, where what was read cannot be. */
function usable(bits: RbspBits, chroma: number, lumaBits: number, chromaBits: number): SampleFormat {
  const sane = !bits.overrun && chroma <= 3 && lumaBits <= 7 && chromaBits <= 7;
  return sane ? { chroma, lumaBits, chromaBits } : { chroma: 1, lumaBits: 0, chromaBits: 0 };
}

function withLength(nal: Buffer): Buffer[] {
  return [Buffer.of(nal.length >> 8, nal.length & 0xff), nal];
}
