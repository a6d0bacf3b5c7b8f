import type { AudioParameters } from '../frame.ts';
import type { AudioDepacketizer, CodedAudio } from './audioDepacketizer.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** Whatever rate was captured: timestamps and decoder count at this one (RFC 7587 §4.1). */
const RATE = 48_000;
/** RFC 6716 §3.1, table 2: milliseconds of a frame by the configuration, in the mode's order. */
const SILK = [10, 20, 40, 60];
const HYBRID = [10, 20];
const CELT = [2.5, 5, 10, 20];
/** The longest packet there is (§3.2.5). */
const MAX_DURATION = 120;

/** Opus (RFC 7587 §4.2): a packet is a frame. */
export class OpusDepacketizer implements AudioDepacketizer {
  readonly audio: AudioParameters;
  readonly clockRate = RATE;
  readonly leftOut = undefined;
  malformed = 0;

  constructor(channels: number) {
    this.audio = opusParameters(channels);
  }

  push({ payload, timestamp, arrival }: ReceivedPacket): CodedAudio[] {
    const duration = opusDuration(payload);
    if (duration === undefined) {
      if (payload.length > 0) this.malformed++;
      return [];
    }
    return [{ audio: this.audio, data: Buffer.from(payload), timestamp, offset: 0, duration, arrival }];
  }
}

export function opusParameters(channels: number): AudioParameters {
  return {
    codec: 'opus',
    sampleRate: RATE,
    channels,
    codecString: 'opus',
    config: undefined,
    codeBits: undefined,
  };
}

/** Milliseconds, by the TOC byte and the count of frames (RFC 6716 §3.1, §3.2); undefined where that cannot be. */
export function opusDuration(packet: Buffer): number | undefined {
  const toc = packet[0];
  if (toc === undefined) return undefined;
  const configuration = toc >> 3;
  const frame =
    configuration < 12
      ? SILK[configuration & 3]!
      : configuration < 16
        ? HYBRID[configuration & 1]!
        : CELT[configuration & 3]!;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  const duration = frame * frames;
  return duration > 0 && duration <= MAX_DURATION ? duration : undefined;
}

/** `sprop-stereo` where it is said, else what the rtpmap has: always 2 by the RFC, so that nothing is lost. */
export function opusChannels(fmtp: ReadonlyMap<string, string>, channels: number | undefined): number {
  const stereo = fmtp.get('sprop-stereo');
  if (stereo === '0') return 1;
  return stereo === '1' || channels !== 1 ? 2 : 1;
}
