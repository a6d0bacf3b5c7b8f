import type { AudioParameters } from '../frame.ts';
import { type AacStream, aacStream } from './aacParameters.ts';
import { type AdtsFrame, adtsFrames } from './adts.ts';
import type { AudioDepacketizer, CodedAudio } from './audioDepacketizer.ts';
import { type AuHeaderLengths, MOST_UNITS, parseAuHeaders } from './auHeaders.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** Bytes of one access unit that are still AAC: 6144 bits a channel (ISO/IEC 14496-3 §4.5.1.3), and 16 of them. */
const MAX_UNIT = 16 * 1024;

/** An access unit of which more packets may come. */
interface OpenUnit {
  readonly timestamp: number;
  readonly parts: Buffer[];
  length: number;
  arrival: number;
  /** Its whole size as the AU headers of a fragment must state it; undefined where they stated the fragment's own. */
  readonly whole: number | undefined;
}

export interface AacDepacketizerOptions {
  readonly stream: AacStream;
  readonly lengths: AuHeaderLengths;
  readonly clockRate: number;
}

/** AAC in RTP as `mpeg4-generic` (RFC 3640), and what cameras make of it. Not interleaved. */
export class AacDepacketizer implements AudioDepacketizer {
  readonly clockRate: number;
  malformed = 0;
  leftOut: string | undefined;
  readonly #lengths: AuHeaderLengths;
  #stream: AacStream;
  #open: OpenUnit | undefined;
  /** This camera sets no markers: a unit that looks whole is whole. */
  #unmarked = false;
  #out: CodedAudio[] = [];

  constructor({ stream, lengths, clockRate }: AacDepacketizerOptions) {
    this.clockRate = clockRate;
    this.#stream = stream;
    this.#lengths = lengths;
  }

  get audio(): AudioParameters {
    return this.#stream.audio;
  }

  push(packet: ReceivedPacket): CodedAudio[] {
    if (packet.restarted || packet.lost > 0) this.#open = undefined;
    if (packet.payload.length > 0) this.#payload(packet);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #payload(packet: ReceivedPacket): void {
    const open = this.#open;
    const continues = open !== undefined && open.timestamp === packet.timestamp;
    if (open && !continues) this.#settle(open);
    // Anjvision leaves the AU headers out and sends ADTS (go2rtc#1328, mpv#5669).
    const frames = continues ? undefined : adtsFrames(packet.payload, MOST_UNITS);
    const section = frames ? undefined : parseAuHeaders(packet.payload, this.#lengths);
    if (frames) this.#adts(frames, packet.timestamp, 0, packet.arrival);
    else if (!section) this.#giveUp();
    else if (section.interleaved) this.leftOut = 'interleaved AAC (AU-Index-delta)';
    else if (open && continues) this.#continue(open, section.data, packet);
    else if (section.sizes.length === 1) this.#single(section.sizes[0]!, section.data, packet);
    else this.#several(section.sizes, section.data, packet);
  }

  #several(sizes: readonly number[], data: Buffer, packet: ReceivedPacket): void {
    let at = 0;
    for (const [i, size] of sizes.entries()) {
      if (at + size > data.length) {
        this.#giveUp();
        break;
      }
      this.#unit(data.subarray(at, at + size), packet.timestamp, i, packet.arrival);
      at += size;
    }
  }

  #single(size: number, data: Buffer, { timestamp, marker, arrival }: ReceivedPacket): void {
    const whole = size <= data.length;
    if (!whole && (marker || size > MAX_UNIT)) {
      this.#giveUp();
    } else if (whole && (marker || this.#unmarked)) {
      this.#unit(data.subarray(0, size), timestamp, 0, arrival);
    } else {
      const part = Buffer.from(data.subarray(0, size));
      this.#open = {
        timestamp,
        parts: [part],
        length: part.length,
        arrival,
        whole: whole ? undefined : size,
      };
    }
  }

  #continue(open: OpenUnit, data: Buffer, packet: ReceivedPacket): void {
    open.parts.push(Buffer.from(data));
    open.length += data.length;
    open.arrival = packet.arrival;
    const { whole = packet.marker ? open.length : Number.POSITIVE_INFINITY } = open;
    if (open.length >= whole) {
      this.#open = undefined;
      this.#unit(Buffer.concat(open.parts).subarray(0, whole), open.timestamp, 0, open.arrival);
    } else if (packet.marker || open.length > MAX_UNIT) {
      this.#giveUp();
    }
  }

  /** Nothing of another time belongs to it: what looked whole was whole, and the marker is never set. */
  #settle(open: OpenUnit): void {
    this.#open = undefined;
    if (open.whole === undefined && open.parts.length === 1) {
      this.#unmarked = true;
      this.#unit(open.parts[0]!, open.timestamp, 0, open.arrival);
    } else {
      this.malformed++;
    }
  }

  #giveUp(): void {
    this.#open = undefined;
    this.malformed++;
  }

  #unit(data: Buffer, timestamp: number, place: number, arrival: number): void {
    const frames = adtsFrames(data, MOST_UNITS); // some cameras leave the header on inside (gortsplib)
    if (frames) this.#adts(frames, timestamp, place, arrival);
    else if (data.length > 0) this.#emit(data, timestamp, place, arrival);
  }

  /** The headers are the encoder's own word, and count where the SDP says otherwise. */
  #adts(frames: readonly AdtsFrame[], timestamp: number, place: number, arrival: number): void {
    for (const [i, { data, config }] of frames.entries()) {
      const said = aacStream(config);
      const { objectType, coreRate, coreChannels } = this.#stream.config;
      const same =
        said?.config.objectType === objectType &&
        said.config.coreRate === coreRate &&
        said.config.coreChannels === coreChannels;
      if (said && !same) this.#stream = said;
      this.#emit(data, timestamp, place + i, arrival);
    }
  }

  #emit(data: Buffer, timestamp: number, place: number, arrival: number): void {
    const { audio, duration } = this.#stream;
    this.#out.push({
      audio,
      data: Buffer.from(data),
      timestamp,
      offset: place * duration,
      duration,
      arrival,
    });
  }
}
