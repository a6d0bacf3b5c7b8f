import type { AudioParameters } from '../frame.ts';
import { type AudioSpecificConfig, parseAudioSpecificConfig } from './audioSpecificConfig.ts';

/** What an AAC depacketizer must know of its stream. */
export interface AacStream {
  readonly audio: AudioParameters;
  readonly config: AudioSpecificConfig;
  /** Of one frame, milliseconds. */
  readonly duration: number;
}

const MAIN = 1;
const LC = 2;

/** Undefined where the bytes are no AudioSpecificConfig of AAC. */
export function aacStream(bytes: Buffer | undefined): AacStream | undefined {
  const config = bytes && parseAudioSpecificConfig(bytes);
  if (!config) return undefined;
  // Type 1 is AAC Main, which no camera's encoder makes and no browser takes. GALAYOU G6 (kerberos-io/agent#159) has
  // the profile of an ADTS header there, in which AAC-LC is 1.
  if (config.objectType === MAIN && !config.sbr)
    return aacStream(Buffer.concat([Buffer.of((LC << 3) | (bytes[0]! & 7)), bytes.subarray(1)]));
  const { objectType, sbr, ps, sampleRate, channels, coreRate, frameLength } = config;
  return {
    audio: {
      codec: 'aac',
      sampleRate,
      channels,
      // RFC 6381 §3.3: 40 is MPEG-4 Audio; 5 is HE-AAC, 29 HE-AAC v2, however they are signalled.
      codecString: `mp4a.40.${ps ? 29 : sbr ? 5 : objectType}`,
      config: bytes,
      codeBits: undefined,
    },
    config,
    duration: (frameLength * 1000) / coreRate,
  };
}
