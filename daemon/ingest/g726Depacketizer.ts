import type { AudioParameters } from '../frame.ts';
import type { AudioDepacketizer, CodedAudio } from './audioDepacketizer.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/**
 * G.726 (RFC 3551 §4.5.4): code words of 2 to 5 bits, one behind the other. `G726-32` and the like begin at a byte's
 * lowest bit, `AAL2-G726-32` at its highest, which is FFmpeg's `adpcm_g726`: frames are always in the latter order.
 */
export class G726Depacketizer implements AudioDepacketizer {
  readonly audio: AudioParameters;
  readonly clockRate: number;
  readonly leftOut = undefined;
  malformed = 0;
  readonly #codeBits: number;
  readonly #lowestFirst: boolean;

  constructor(codeBits: number, lowestFirst: boolean, sampleRate: number) {
    this.#codeBits = codeBits;
    this.#lowestFirst = lowestFirst;
    this.clockRate = sampleRate;
    this.audio = {
      codec: 'adpcm_g726',
      sampleRate,
      channels: 1,
      codecString: undefined,
      config: undefined,
      codeBits,
    };
  }

  push({ payload, timestamp, arrival }: ReceivedPacket): CodedAudio[] {
    const codes = Math.floor((payload.length * 8) / this.#codeBits);
    // Packets hold whole code words and whole bytes: bits that are left over would be noise from here on.
    if (codes * this.#codeBits !== payload.length * 8) this.malformed++;
    if (codes === 0) return [];
    const data = this.#lowestFirst ? highestFirst(payload, this.#codeBits, codes) : Buffer.from(payload);
    const duration = (codes * 1000) / this.audio.sampleRate;
    return [{ audio: this.audio, data, timestamp, offset: 0, duration, arrival }];
  }
}

/** The same code words in the other order of packing. */
export function highestFirst(bytes: Buffer, codeBits: number, codes: number): Buffer {
  const out = Buffer.alloc(bytes.length);
  for (let code = 0; code < codes; code++) {
    for (let bit = 0; bit < codeBits; bit++) {
      const from = code * codeBits + bit;
      const to = code * codeBits + (codeBits - 1 - bit);
      out[to >> 3]! |= ((bytes[from >> 3]! >> (from & 7)) & 1) << (7 - (to & 7));
    }
  }
  return out;
}
