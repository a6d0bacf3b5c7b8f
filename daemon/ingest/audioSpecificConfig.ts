/** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): what an AAC decoder must know beforehand. Pure and total. */
import { BitReader } from '../nal/bitReader.ts';

export interface AudioSpecificConfig {
  /** Audio object type of the core coder, e.g. 2 for AAC-LC. */
  readonly objectType: number;
  /** Spectral band replication (HE-AAC) and parametric stereo (HE-AAC v2) are signalled. */
  readonly sbr: boolean;
  readonly ps: boolean;
  /** The core coder's, which `frameLength` counts in: with SBR it is mostly half of `sampleRate`. */
  readonly coreRate: number;
  readonly coreChannels: number;
  /** What comes out of the decoder, Hz and channels. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of a frame at `coreRate`. */
  readonly frameLength: number;
}

/** Table 1.18; the index 15 means that 24 bits of frequency follow. */
const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const MAX_RATE = 192_000;
/** Table 1.19, channels by channelConfiguration; 0 is in the stream or in a program_config_element, others are reserved. */
const CHANNELS: Readonly<Record<number, number>> = {
  ...{ 0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8 },
  ...{ 11: 7, 12: 8, 13: 24, 14: 8 },
};

const LC = 2;
const SBR = 5;
const ER_AAC_LD = 23;
const PS = 29;
const ER_AAC_ELD = 39;
/** AAC Main, LC, LTP, ER AAC LC, ER AAC LD and ELD: what FFmpeg decodes. */
const OBJECT_TYPES = [1, LC, 4, 17, ER_AAC_LD, ER_AAC_ELD];
const SBR_SYNC = 0x2b7;
const PS_SYNC = 0x548;

/** Undefined where the bytes end too early, or mean no AAC that is decoded. */
export function parseAudioSpecificConfig(bytes: Buffer): AudioSpecificConfig | undefined {
  return readAudioSpecificConfig(new BitReader(bytes), true);
}

/**
 * Reads one where it lies. `extension`: SBR may be announced behind it, which can be told from other bits only where
 * nothing else follows (so not in a StreamMuxConfig).
 */
export function readAudioSpecificConfig(
  reader: BitReader,
  extension: boolean,
): AudioSpecificConfig | undefined {
  let objectType = readObjectType(reader);
  const coreRate = readRate(reader);
  const configured = CHANNELS[reader.bits(4)];
  let ps = objectType === PS;
  let sbr = ps || objectType === SBR;
  let sampleRate = coreRate;
  if (sbr) {
    // Hierarchical signalling: what follows is the output's rate, then the core coder.
    sampleRate = readRate(reader);
    objectType = readObjectType(reader);
  }
  if (!OBJECT_TYPES.includes(objectType) || configured === undefined) return undefined;

  const short = reader.flag();
  let coreChannels = configured;
  if (objectType !== ER_AAC_ELD) {
    // GASpecificConfig, §4.4.1
    if (reader.flag()) reader.bits(14); // coreCoderDelay
    const more = reader.flag(); // what follows then is of error resilience, and not needed here
    if (configured === 0) coreChannels = programChannels(reader);
    const open = extension && !more && configured !== 0 && !sbr && reader.left >= 16;
    if (open && reader.bits(11) === SBR_SYNC) {
      // Backward compatible signalling: behind a config that old decoders understand.
      sbr = readObjectType(reader) === SBR && reader.flag();
      if (sbr) sampleRate = readRate(reader);
      ps = sbr && reader.left >= 12 && reader.bits(11) === PS_SYNC && reader.flag();
    }
  }
  const lowDelay = objectType === ER_AAC_LD || objectType === ER_AAC_ELD;
  const frameLength = (lowDelay ? 512 : 1024) - (short ? (lowDelay ? 32 : 64) : 0);
  const rates = coreRate > 0 && coreRate <= MAX_RATE && sampleRate > 0 && sampleRate <= MAX_RATE;
  if (reader.overrun || !rates || coreChannels === 0) return undefined;
  const channels = ps && coreChannels === 1 ? 2 : coreChannels;
  return { objectType, sbr, ps, coreRate, coreChannels, sampleRate, channels, frameLength };
}

/** AAC-LC of a rate and number of channels; undefined where the tables have no such. */
export function lowComplexityConfig(sampleRate: number, channels: number): Buffer | undefined {
  return configOf(LC, RATES.indexOf(sampleRate), channels === 8 ? 7 : channels < 7 ? channels : -1);
}

/** By the indices of the tables, as an ADTS header has them. */
export function configOf(objectType: number, rateIndex: number, channelIndex: number): Buffer | undefined {
  if (rateIndex < 0 || rateIndex >= RATES.length || channelIndex <= 0 || channelIndex > 7) return undefined;
  const bits = (objectType << 11) | (rateIndex << 7) | (channelIndex << 3);
  return Buffer.of(bits >> 8, bits & 0xff);
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

/** 0 for a reserved index. */
function readRate(reader: BitReader): number {
  const index = reader.bits(4);
  return index === 15 ? reader.bits(24) : (RATES[index] ?? 0);
}

/** program_config_element (§4.4.1.1), as far as its channels: those elements that are pairs count twice. */
function programChannels(reader: BitReader): number {
  reader.bits(10); // element_instance_tag, object_type, sampling_frequency_index
  const elements = reader.bits(4) + reader.bits(4) + reader.bits(4); // front, side, back
  let channels = reader.bits(2); // LFE
  reader.bits(7); // associated data, coupling
  if (reader.flag()) reader.bits(4); // mono_mixdown
  if (reader.flag()) reader.bits(4); // stereo_mixdown
  if (reader.flag()) reader.bits(3); // matrix_mixdown
  for (let i = 0; i < elements; i++) {
    channels += reader.flag() ? 2 : 1;
    reader.bits(4);
  }
  return channels;
}
