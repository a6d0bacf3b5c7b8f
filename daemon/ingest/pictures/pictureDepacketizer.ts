import type { AccessUnit } from '../../frame.ts';
import { MAX_ACCESS_UNIT } from '../accessUnits.ts';
import type { ReceivedPacket } from '../rtpReceiver.ts';
import type { VideoDepacketizer } from '../videoDepacketizer.ts';
import type { PictureCoding } from './pictureCoding.ts';
import { PictureUnits } from './pictureUnits.ts';

/** A picture in the making. */
interface Picture {
  readonly timestamp: number;
  readonly payloads: Buffer[];
  bytes: number;
  arrival: number;
  damaged: boolean;
}

/**
 * RTP packets in order to access units, where a picture’s packets have one timestamp and the last of them a marker: MPEG-4 part 2
 * (RFC 6416), VP8 (RFC 7741), VP9 (RFC 9628), AV1. A picture of which something is missing is given up, and all to the next key picture.
 */
export class PictureDepacketizer implements VideoDepacketizer {
  /** Packets that make no sense. */
  malformed = 0;
  readonly #coding: PictureCoding;
  readonly #clockRate: number;
  readonly #units: PictureUnits;
  #picture: Picture | undefined;
  /** Packets were lost, and the last picture is over. */
  #gap = true;

  constructor({ coding, clockRate }: { coding: PictureCoding; clockRate: number }) {
    this.#coding = coding;
    this.#clockRate = clockRate;
    this.#units = new PictureUnits(coding, clockRate);
  }

  get droppedUnits(): number {
    return this.#units.dropped;
  }

  get discontinuities(): number {
    return this.#units.timeline.discontinuities;
  }

  timeOf(timestamp: number): number | undefined {
    return this.#units.timeline.timeOf(timestamp);
  }

  push(packet: ReceivedPacket): AccessUnit[] {
    const out: AccessUnit[] = [];
    if (packet.restarted) {
      this.#picture = undefined;
      this.#gap = true;
      this.#units.restart();
    } else if (packet.lost > 0) {
      if (this.#picture) this.#picture.damaged = true;
      this.#gap = true;
    }
    // A camera without markers, or the packet with the marker is lost.
    if (this.#picture && this.#picture.timestamp !== packet.timestamp) out.push(...this.#finish());
    if (packet.payload.length > 0) this.#take(packet);
    if (packet.marker) out.push(...this.#finish());
    return out;
  }

  flush(): AccessUnit[] {
    return this.#finish();
  }

  #take({ payload, timestamp, arrival }: ReceivedPacket): void {
    if (!this.#picture) {
      const damaged = this.#gap && !this.#coding.begins(payload);
      if (this.#gap) this.#units.lose();
      this.#gap = false;
      this.#picture = { timestamp, payloads: [], bytes: 0, arrival, damaged };
    }
    const picture = this.#picture;
    picture.arrival = arrival;
    picture.bytes += payload.length;
    picture.damaged ||= picture.bytes > MAX_ACCESS_UNIT;
    if (picture.damaged) picture.payloads.length = 0;
    // The packet’s memory is used again.
    else picture.payloads.push(Buffer.from(payload));
  }

  #finish(): AccessUnit[] {
    const picture = this.#picture;
    this.#picture = undefined;
    if (!picture) return [];
    const { timestamp, arrival, damaged, payloads } = picture;
    const found = damaged ? [] : this.#coding.pictures(payloads);
    if (found.length === 0) {
      if (!damaged) this.malformed++;
      this.#units.drop();
    }
    return found.flatMap(({ data, after }) =>
      this.#units.push(data, (timestamp + Math.round((after * this.#clockRate) / 1000)) >>> 0, arrival),
    );
  }
}
