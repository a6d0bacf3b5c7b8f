import type { AccessUnit } from '../frame.ts';
import {
  H264_FU_A,
  H264_FU_B,
  H264_MTAP16,
  H264_MTAP24,
  H264_SLICE,
  H264_STAP_A,
  H264_STAP_B,
  h264Type,
  stapANals,
} from './h264.ts';
import { H264AccessUnits } from './h264AccessUnits.ts';
import { type H264Counters, newH264Counters } from './h264Counters.ts';
import { H264ParameterSets } from './h264ParameterSets.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';
import { Timeline } from './timeline.ts';

export interface H264DepacketizerOptions {
  /** Ticks per second of the RTP timestamps, 90000 by the RFC. */
  readonly clockRate: number;
  /** The value of the SDP's `sprop-parameter-sets`: a hint until the stream brings its own. */
  readonly spropParameterSets?: string | undefined;
}

/** So many fragmented NAL units without a single end bit: this camera has none. */
const UNENDED_LIMIT = 8;
const START_BIT = 0x80;
const END_BIT = 0x40;

/**
 * RTP packets of H.264 in order (RFC 6184) to access units. Accepts single NAL units, STAP-A and FU-A whatever
 * packetization-mode the SDP states (case 35), and what cameras make of them (cases 59–66).
 */
export class H264Depacketizer {
  readonly counters: H264Counters = newH264Counters();
  readonly #units: H264AccessUnits;
  readonly #timeline: Timeline;
  /** The timestamp of the fragmented NAL unit that is open. */
  #fragmented: number | undefined;
  #ended = 0;
  #unended = 0;

  constructor(options: H264DepacketizerOptions) {
    const sets = new H264ParameterSets();
    if (options.spropParameterSets !== undefined) sets.addSprop(options.spropParameterSets);
    this.#timeline = new Timeline(options.clockRate);
    this.#units = new H264AccessUnits(sets, this.#timeline, this.counters);
  }

  /** Pictures given up since the first key picture. */
  get droppedUnits(): number {
    return this.counters.droppedUnits;
  }

  /** How often the camera's timestamps jumped. */
  get discontinuities(): number {
    return this.#timeline.discontinuities;
  }

  /** Takes the next packet in order; returns the access units that it completed, mostly none or one. */
  push(packet: ReceivedPacket): AccessUnit[] {
    const { payload } = packet;
    if (packet.restarted) {
      this.#fragmented = undefined;
      this.#units.restart();
    } else if (packet.lost > 0) {
      this.#fragmented = undefined;
      this.#units.lose();
    }
    if (payload.length === 0) return this.#units.take();

    const type = h264Type(payload[0]!);
    const changed = this.#fragmented !== undefined && this.#fragmented !== packet.timestamp;
    if (changed || type !== H264_FU_A) this.#unfinished();
    this.#units.packet(packet.timestamp, packet.arrival);
    this.#payload(type, payload, packet.timestamp);
    if (packet.marker) {
      if (this.#hasNoEndBits) this.#unfinished();
      if (this.#fragmented === undefined) this.#units.marker();
    }
    return this.#units.take();
  }

  /** The stream is over: returns what was still in the making. */
  flush(): AccessUnit[] {
    this.#fragmented = undefined;
    this.#units.end();
    return this.#units.take();
  }

  #payload(type: number, payload: Buffer, timestamp: number): void {
    switch (type) {
      case H264_FU_A:
        this.#fragment(payload, timestamp);
        break;
      case H264_STAP_A: {
        const { nals, cut } = stapANals(payload);
        for (const nal of nals) this.#units.add(nal);
        if (cut === undefined) break;
        this.counters.malformed++;
        this.#units.broken(cut);
        break;
      }
      case H264_STAP_B:
      case H264_MTAP16:
      case H264_MTAP24:
      case H264_FU_B:
        this.counters.unsupported++;
        this.#units.broken((payload[0]! & 0x60) | H264_SLICE);
        break;
      default:
        this.#units.add(payload);
    }
  }

  /** RFC 6184 §5.8. The reserved bit is not looked at: Longse CMSEKL800 sets it (case 61). */
  #fragment(payload: Buffer, timestamp: number): void {
    const fuHeader = payload[1];
    if (fuHeader === undefined) {
      this.counters.malformed++;
      return;
    }
    const header = (payload[0]! & 0x60) | h264Type(fuHeader);
    if ((fuHeader & START_BIT) !== 0) {
      this.#unfinished();
      this.#fragmented = timestamp;
      this.#units.open(header);
    } else if (this.#fragmented === undefined) {
      this.counters.brokenNals++;
      this.#units.broken(header);
      return;
    }
    // The type of the first fragment holds, whatever the later ones say: Tiandy changes it midway (case 61).
    if (payload.length > 2) this.#units.extend(payload.subarray(2));
    // Start and end in one: CostarHD, a whole NAL unit (case 60).
    if ((fuHeader & END_BIT) === 0) return;
    this.#ended++;
    this.#fragmented = undefined;
    this.#units.close();
  }

  /** A camera that never sets the end bit; else a missing end is a missing piece. */
  get #hasNoEndBits(): boolean {
    return this.#ended === 0 && this.#unended >= UNENDED_LIMIT;
  }

  /** The fragmented NAL unit that is open, if there is one, gets no more fragments (case 59). */
  #unfinished(): void {
    if (this.#fragmented === undefined) return;
    this.#fragmented = undefined;
    if (this.#hasNoEndBits) {
      this.#units.close();
      return;
    }
    this.#unended++;
    this.counters.brokenNals++;
    this.#units.abandon();
  }
}
