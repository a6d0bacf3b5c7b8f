import type { AccessUnit } from '../frame.ts';
import { annexBNals } from '../nal/annexB.ts';
import { AccessUnits } from './accessUnits.ts';
import type { NalCoding, Packing } from './nalCoding.ts';
import { type NalCounters, newNalCounters } from './nalCounters.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';
import { Timeline } from './timeline.ts';
import type { VideoDepacketizer } from './videoDepacketizer.ts';

export interface NalDepacketizerOptions {
  readonly coding: NalCoding;
  /** Ticks per second of the RTP timestamps, 90000 by the RFCs. */
  readonly clockRate: number;
  /** The SDP's format parameters: their parameter sets are a hint until the stream brings its own. */
  readonly fmtp?: ReadonlyMap<string, string> | undefined;
}

/** So many fragmented NAL units without a single end bit: this camera has none. */
const UNENDED_LIMIT = 8;

/**
 * RTP packets of H.264 or H.265 in order (RFC 6184, RFC 7798) to access units. Accepts single NAL units, aggregations and
 * fragments whatever packetization-mode the SDP states (case 35), and what cameras make of them (cases 59–66).
 */
export class NalDepacketizer implements VideoDepacketizer {
  readonly counters: NalCounters = newNalCounters();
  readonly #coding: NalCoding;
  readonly #units: AccessUnits;
  readonly #timeline: Timeline;
  /** The timestamp of the fragmented NAL unit that is open. */
  #fragmented: number | undefined;
  #ended = 0;
  #unended = 0;

  constructor({ coding, clockRate, fmtp }: NalDepacketizerOptions) {
    this.#coding = coding;
    const sets = coding.parameterSets();
    // What makes no sense is left out and awaited in band (case 37): VStarcam sends no NAL headers, GW Security a start
    // code at the end, Revotech one at the beginning.
    for (const part of fmtp ? coding.sprop(fmtp) : [])
      for (const nal of annexBNals(Buffer.from(part, 'base64'))) sets.add(nal);
    this.#timeline = new Timeline(clockRate);
    this.#units = new AccessUnits(coding, sets, this.#timeline, this.counters);
  }

  get droppedUnits(): number {
    return this.counters.droppedUnits;
  }

  get discontinuities(): number {
    return this.#timeline.discontinuities;
  }

  timeOf(timestamp: number): number | undefined {
    return this.#timeline.timeOf(timestamp);
  }

  push(packet: ReceivedPacket): AccessUnit[] {
    const { payload } = packet;
    if (packet.restarted) {
      this.#fragmented = undefined;
      this.#units.restart();
    } else if (packet.lost > 0) {
      this.#fragmented = undefined;
      this.#units.lose();
    }
    if (payload.length < this.#coding.headerLength) {
      if (payload.length > 0) this.counters.malformed++;
      return this.#units.take();
    }

    const packing = this.#coding.unpack(payload);
    const changed = this.#fragmented !== undefined && this.#fragmented !== packet.timestamp;
    if (changed || packing.kind !== 'fragment') this.#unfinished();
    this.#units.packet(packet.timestamp, packet.arrival);
    this.#payload(packing, payload, packet.timestamp);
    if (packet.marker) {
      if (this.#hasNoEndBits) this.#unfinished();
      if (this.#fragmented === undefined) this.#units.marker();
    }
    return this.#units.take();
  }

  flush(): AccessUnit[] {
    this.#fragmented = undefined;
    this.#units.end();
    return this.#units.take();
  }

  #payload(packing: Packing, payload: Buffer, timestamp: number): void {
    switch (packing.kind) {
      case 'single':
        this.#units.add(payload);
        break;
      case 'fragment':
        this.#fragment(packing, payload, timestamp);
        break;
      case 'aggregation':
        for (const nal of packing.nals) this.#units.add(nal);
        if (packing.cut === undefined) break;
        this.counters.malformed++;
        this.#units.broken(packing.cut);
        break;
      case 'malformed':
        this.counters.malformed++;
        break;
      case 'unsupported':
        this.counters.unsupported++;
        this.#units.broken(packing.header);
    }
  }

  #fragment({ start, end, data }: Packing & { kind: 'fragment' }, payload: Buffer, timestamp: number): void {
    if (start) {
      this.#unfinished();
      this.#fragmented = timestamp;
      this.#units.open(this.#coding.fragmentHeader(payload));
    } else if (this.#fragmented === undefined) {
      this.counters.brokenNals++;
      this.#units.broken(this.#coding.fragmentHeader(payload));
      return;
    }
    // The type of the first fragment holds, whatever the later ones say: Tiandy changes it midway (case 61).
    if (data.length > 0) this.#units.extend(data);
    // Start and end in one: CostarHD, OpenIPC, a whole NAL unit (case 60).
    if (!end) return;
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
