import type { AudioParameters } from '../frame.ts';
import type { AudioDepacketizer, CodedAudio } from './audioDepacketizer.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** G.711 (RFC 3551 §4.5.14): a byte a sample, so that every packet is a frame. Rates other than 8000 are no G.711, but are sent. */
export class G711Depacketizer implements AudioDepacketizer {
  readonly audio: AudioParameters;
  readonly clockRate: number;
  readonly leftOut = undefined;
  malformed = 0;

  constructor(codec: 'pcm_mulaw' | 'pcm_alaw', sampleRate: number, channels: number) {
    this.clockRate = sampleRate;
    this.audio = {
      codec,
      sampleRate,
      channels,
      codecString: undefined, // neither MP4 nor browsers have a name for it
      config: undefined,
      codeBits: undefined,
    };
  }

  push({ payload, timestamp, arrival }: ReceivedPacket): CodedAudio[] {
    const { channels, sampleRate } = this.audio;
    const samples = Math.floor(payload.length / channels);
    if (samples * channels !== payload.length) this.malformed++;
    if (samples === 0) return [];
    const data = Buffer.from(payload.subarray(0, samples * channels));
    const duration = (samples * 1000) / sampleRate;
    return [{ audio: this.audio, data, timestamp, offset: 0, duration, arrival }];
  }
}
