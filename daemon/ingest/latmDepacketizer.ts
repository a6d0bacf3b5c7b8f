import type { AudioParameters } from '../frame.ts';
import type { AacStream } from './aacParameters.ts';
import type { AudioDepacketizer, CodedAudio } from './audioDepacketizer.ts';
import { MOST_UNITS } from './auHeaders.ts';
import { payloadLength } from './latm.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** Bytes of an audioMuxElement that is spread over packets. */
const MAX_ELEMENT = 16 * 1024;

/** AAC in RTP as `MP4A-LATM` (RFC 6416 §6) with the config in the SDP (`cpresent=0`), so that frames lie at whole bytes. */
export class LatmDepacketizer implements AudioDepacketizer {
  readonly clockRate: number;
  readonly leftOut = undefined;
  malformed = 0;
  readonly #stream: AacStream;
  /** Packets of an element whose end, by the marker or by its length, is still to come. */
  #parts: Buffer[] = [];
  #length = 0;
  #timestamp = 0;

  constructor(stream: AacStream, clockRate: number) {
    this.#stream = stream;
    this.clockRate = clockRate;
  }

  get audio(): AudioParameters {
    return this.#stream.audio;
  }

  push(packet: ReceivedPacket): CodedAudio[] {
    if (packet.restarted || packet.lost > 0) this.#drop();
    else if (this.#length > 0 && packet.timestamp !== this.#timestamp) this.#cut();
    if (packet.payload.length === 0) return [];
    if (this.#length + packet.payload.length > MAX_ELEMENT) {
      this.#cut();
      return [];
    }
    this.#timestamp = packet.timestamp;
    this.#length += packet.payload.length;
    if (this.#parts.length === 0) {
      const frames = this.#frames(packet.payload, packet);
      if (frames || packet.marker) this.#end(frames);
      else this.#parts = [Buffer.from(packet.payload)];
      return frames ?? [];
    }
    this.#parts.push(Buffer.from(packet.payload));
    const frames = this.#frames(Buffer.concat(this.#parts), packet);
    if (frames || packet.marker) this.#end(frames);
    return frames ?? [];
  }

  /** All payloads of the element or elements; undefined where the last is not there entirely. */
  #frames(bytes: Buffer, { timestamp, arrival }: ReceivedPacket): CodedAudio[] | undefined {
    const { audio, duration } = this.#stream;
    const frames: CodedAudio[] = [];
    for (let at = 0; at < bytes.length; ) {
      const next = payloadLength(bytes.subarray(at));
      if (!next || frames.length === MOST_UNITS) return undefined;
      const begin = at + next.size;
      at = begin + next.length;
      if (at > bytes.length) return undefined;
      const data = Buffer.from(bytes.subarray(begin, at));
      const offset = frames.length * duration;
      if (data.length > 0) frames.push({ audio, data, timestamp, offset, duration, arrival });
    }
    return frames;
  }

  #end(frames: CodedAudio[] | undefined): void {
    if (!frames) this.malformed++;
    this.#drop();
  }

  #cut(): void {
    this.malformed++;
    this.#drop();
  }

  #drop(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
