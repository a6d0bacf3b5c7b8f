import type { AudioParameters } from '../frame.ts';

/** Of what comes out, Hz. A frame is 21 ms then; at the 8 kHz of telephones two frames within the encoder would be a quarter of a second. */
export const AAC_RATE = 48_000;
/** Samples of a frame, and of the encoder's run-up: the first frame that comes out holds nothing of what went in. */
export const AAC_FRAME = 1024;
/** Bits a second of a channel. */
const BIT_RATE = 48_000;

/** What an ffmpeg child makes of sound that browsers do not take. */
export interface AacForm {
  readonly channels: 1 | 2;
}

/** Whether browsers take this sound only when it is coded anew. */
export function needsTranscoding({ codec }: AudioParameters): boolean {
  return codec === 'pcm_mulaw' || codec === 'pcm_alaw' || codec === 'adpcm_g726';
}

export function aacForm({ codec, channels }: AudioParameters): AacForm {
  return { channels: codec !== 'adpcm_g726' && channels > 1 ? 2 : 1 };
}

/** As frames of this form are described: AAC-LC (ISO/IEC 14496-3 §1.6.2.1: object type 2, rate by index 3, channels). */
export function aacParameters({ channels }: AacForm): AudioParameters {
  return {
    codec: 'aac',
    sampleRate: AAC_RATE,
    channels,
    codecString: 'mp4a.40.2',
    config: Buffer.of((2 << 3) | (3 >> 1), ((3 & 1) << 7) | (channels << 3)),
    codeBits: undefined,
  };
}

/** Bytes of sound a second, as it goes in. */
export function inputByteRate({ codec, sampleRate, channels, codeBits }: AudioParameters): number {
  return codec === 'adpcm_g726' ? (sampleRate * (codeBits ?? 4)) / 8 : sampleRate * channels;
}

/**
 * The command line of a transcoder child: raw G.711 or G.726 on stdin, AAC-LC behind ADTS headers on stdout. ffmpeg's own encoder, which
 * every build has; without probing and in one thread, so that two frames at most stay inside (measured: 40 ms, and 60 in 4.1).
 */
export function audioArgs(audio: AudioParameters): string[] {
  const { channels } = aacForm(audio);
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...['-probesize', '32', '-analyzeduration', '0', '-threads', '1'],
    ...['-protocol_whitelist', 'pipe', ...input(audio), '-i', 'pipe:0'],
    ...['-map', '0:a:0', '-filter_threads', '1'],
    ...['-c:a', 'aac', '-b:a', String(BIT_RATE * channels), '-ar', String(AAC_RATE), '-ac', String(channels)],
    ...['-threads', '1', '-f', 'adts', '-flush_packets', '1', 'pipe:1'],
  ];
}

function input({ codec, sampleRate, channels, codeBits }: AudioParameters): string[] {
  if (codec === 'adpcm_g726')
    return ['-f', 'g726', '-code_size', String(codeBits ?? 4), '-ar', String(sampleRate)];
  const format = codec === 'pcm_mulaw' ? 'mulaw' : 'alaw';
  return ['-f', format, '-ar', String(sampleRate), '-ac', String(channels)];
}
