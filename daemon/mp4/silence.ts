/** Silence in a coding of its own, for where sound is missing. Pure. */
import type { AudioParameters } from '../frame.ts';

export interface SilentFrame {
  readonly data: Buffer;
  /** Units of the audio track's timescale. */
  readonly duration: number;
}

/** `raw_data_block` of AAC-LC (ISO/IEC 14496-3 §4.4.2.1) without spectral data, at any sample rate; by channels. */
const AAC_LC: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
};
const AAC_FRAME = 1024;
/** A CELT frame of 20 ms that says only that it is silent (RFC 6716 §4.3); mono, which decoders take in stereo too. */
const OPUS = Buffer.from('f8fffe', 'hex');
const OPUS_FRAME = 960;

/** A frame of silence between frames of this sound; undefined where we know none (HE-AAC, more than two channels). */
export function silentFrame({ codec, codecString, channels }: AudioParameters): SilentFrame | undefined {
  if (codec === 'opus') return { data: OPUS, duration: OPUS_FRAME };
  const data = codecString === 'mp4a.40.2' ? AAC_LC[channels] : undefined;
  return data && { data, duration: AAC_FRAME };
}
