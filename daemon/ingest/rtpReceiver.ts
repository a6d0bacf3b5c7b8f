import type { ReportBlock, SenderReport } from '../rtsp/rtcp.ts';
import { ReorderBuffer } from './reorderBuffer.ts';
import type { RtpPacket } from './rtp.ts';
import { SsrcChoice } from './ssrcChoice.ts';

/** A packet in its place in the sequence. */
export interface ReceivedPacket extends RtpPacket {
  /** When it arrived, milliseconds of `performance.now()`. */
  readonly arrival: number;
  /** Packets missing just before this one. */
  readonly lost: number;
  /** The source began anew (other SSRC or numbering): nothing before this packet belongs to what follows. */
  readonly restarted: boolean;
}

export interface RtpReceiverOptions {
  /** Of the SDP; packets of any other are dropped before they count. */
  readonly payloadType: number;
  /** Ticks per second; 0 (case 69: `META /0`) only switches jitter off. */
  readonly clockRate: number;
  /** Put packets in order (UDP). On TCP the order is the server's, and waiting could only add delay. */
  readonly reorder: boolean;
  /** Promised in the Transport header. */
  readonly ssrc?: number | undefined;
  /** Milliseconds, `performance.now()`. */
  readonly now: () => number;
}

/** On UDP: how many sequence numbers may be waited for (as gortsplib), and how long (ms). */
const REORDER_SLOTS = 64;
const REORDER_PATIENCE = 100;
/** A jump forward beyond this is a new numbering, not loss (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_DROPOUT = 3000;
/** Consecutive packets it takes to believe a new numbering: ahead, and behind (where a burst of duplicates looks alike). */
const RESTART_AHEAD = 2;
const RESTART_BEHIND = 16;

/**
 * Receives one RTP source: order, loss, duplicates, jitter and reports (RFC 3550). Pure: time comes with the packets.
 */
export class RtpReceiver {
  /** Packets of our payload type and source, without duplicates. */
  received = 0;
  /** Packets that were given up. */
  lost = 0;
  /** Came late, but in time to be put in their place. */
  reordered = 0;
  /** Seen before, or too late to be of use. */
  duplicate = 0;
  wrongSsrc = 0;
  wrongPayloadType = 0;
  /** How often the source began anew. */
  restarts = 0;

  readonly #options: RtpReceiverOptions;
  readonly #source: SsrcChoice;
  readonly #buffer: ReorderBuffer<ReceivedPacket>;

  #started = false;
  #restarted = false;
  /** A numbering that does not fit ours: the number that would follow, and how many packets in a row had it. */
  #strange: { next: number; packets: number } | undefined;

  #previous: { arrival: number; timestamp: number } | undefined;
  #jitter = 0;

  /** For reports, since the source began: first and highest position, packets; and as of the latest report. */
  #base = 0;
  #highest = 0;
  #count = 0;
  #reported = { expected: 0, count: 0 };
  #senderReport: { ntpMiddle: number; arrival: number } | undefined;

  constructor(options: RtpReceiverOptions) {
    this.#options = options;
    this.#source = new SsrcChoice(options.ssrc);
    this.#buffer = new ReorderBuffer(options.reorder ? REORDER_SLOTS : 1, REORDER_PATIENCE);
  }

  /** The source that is followed now. */
  get ssrc(): number | undefined {
    return this.#source.chosen;
  }

  /** Interarrival jitter in milliseconds. */
  get jitter(): number {
    return this.#options.clockRate > 0 ? (this.#jitter * 1000) / this.#options.clockRate : 0;
  }

  /** When `flush` has to be called, `performance.now()` milliseconds; undefined while nothing is held back. */
  get deadline(): number | undefined {
    return this.#buffer.deadline;
  }

  /** Takes a packet that arrived at `arrival` (ms); returns what is now in order, perhaps nothing. */
  push(packet: RtpPacket, arrival: number): ReceivedPacket[] {
    // Geovision GV-EBD4701 sends pt=50 with the sequence number of the last IDR packet (case 65).
    if (packet.payloadType !== this.#options.payloadType) {
      this.wrongPayloadType++;
      return [];
    }
    const verdict = this.#source.judge(packet.ssrc, arrival);
    if (verdict === 'drop') {
      this.wrongSsrc++;
      return [];
    }
    // Where nothing of the promised source was ever heard, another one is a beginning and no restart.
    if (verdict === 'switch' && this.#started) this.#restart();
    const position = this.#position(packet.sequence);
    if (position === undefined) return [];

    this.#measure(packet.timestamp, arrival);
    const out: ReceivedPacket[] = [];
    const restarted = this.#restarted;
    this.#restarted = false;
    const received = {
      marker: packet.marker,
      payloadType: packet.payloadType,
      sequence: packet.sequence,
      timestamp: packet.timestamp,
      ssrc: packet.ssrc,
      payload: packet.payload,
      arrival,
      lost: 0,
      restarted,
    };
    if (this.#buffer.put(position, received, (ready, missing) => this.#take(ready, missing, out))) {
      this.received++;
      this.#count++;
      if (position < this.#highest) this.reordered++;
      else this.#highest = position;
    } else {
      this.duplicate++;
    }
    return out;
  }

  /**
   * Gives up on packets that were waited for too long at `now` (ms; `Infinity` at the end of the stream). Nothing else does: while the
   * process was busy, a packet may have come in time and not been read yet, so whoever calls reads first.
   */
  flush(now: number): ReceivedPacket[] {
    const out: ReceivedPacket[] = [];
    this.#buffer.expire(now, (ready, missing) => this.#take(ready, missing, out));
    return out;
  }

  /** Notes a sender report for our own reports; one of an unknown source is ignored (Tapo C320WS, case 45). */
  senderReport(report: SenderReport, arrival: number): void {
    if (report.ssrc !== this.ssrc) return;
    this.#senderReport = {
      ntpMiddle: ((report.ntpSeconds << 16) | (report.ntpFraction >>> 16)) >>> 0,
      arrival,
    };
  }

  /** The report block for the time since the previous call (RFC 3550 A.3); undefined before the first packet. */
  report(): ReportBlock | undefined {
    if (this.ssrc === undefined || !this.#started) return undefined;
    const expected = this.#highest - this.#base + 1;
    const expectedNow = expected - this.#reported.expected;
    const lostNow = expectedNow - (this.#count - this.#reported.count);
    this.#reported = { expected, count: this.#count };
    const sender = this.#senderReport;
    const sinceSender = sender === undefined ? 0 : Math.max(this.#options.now() - sender.arrival, 0);
    return {
      ssrc: this.ssrc,
      fractionLost:
        expectedNow > 0 && lostNow > 0 ? Math.min(Math.floor((lostNow * 256) / expectedNow), 255) : 0,
      cumulativeLost: Math.min(expected - this.#count, 0x7fffff),
      extendedHighestSequence: this.#highest >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lastSenderReport: sender?.ntpMiddle ?? 0,
      delaySinceLastSenderReport: Math.floor((sinceSender * 65536) / 1000) >>> 0,
    };
  }

  /** The packet's sequence number counted on without wrapping; undefined where the packet is not to be used. */
  #position(sequence: number): number | undefined {
    if (!this.#started) {
      this.#started = true;
      this.#buffer.start(sequence);
      this.#base = sequence;
      this.#highest = sequence;
      return sequence;
    }
    const ahead = (sequence - this.#buffer.next) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      this.#strange = undefined;
      return this.#buffer.next + ahead;
    }

    const behind = ahead >= 0x8000;
    if (this.#strange?.next === sequence) this.#strange.packets++;
    else this.#strange = { next: 0, packets: 1 };
    this.#strange.next = (sequence + 1) & 0xffff;
    if (this.#strange.packets < (behind ? RESTART_BEHIND : RESTART_AHEAD)) {
      this.duplicate++;
      return undefined;
    }
    this.#restart();
    return this.#position(sequence);
  }

  #restart(): void {
    this.restarts++;
    this.#started = false;
    this.#restarted = true;
    this.#strange = undefined;
    this.#previous = undefined;
    this.#jitter = 0;
    this.#count = 0;
    this.#reported = { expected: 0, count: 0 };
    this.#senderReport = undefined;
  }

  /** Interarrival jitter as RFC 3550 §6.4.1 has it, in order of arrival. */
  #measure(timestamp: number, arrival: number): void {
    const previous = this.#previous;
    this.#previous = { arrival, timestamp };
    if (previous === undefined || !(this.#options.clockRate > 0)) return;
    const ticks = ((arrival - previous.arrival) * this.#options.clockRate) / 1000;
    const difference = Math.abs(ticks - ((timestamp - previous.timestamp) | 0));
    this.#jitter += (difference - this.#jitter) / 16;
  }

  #take(packet: ReceivedPacket, missing: number, out: ReceivedPacket[]): void {
    this.lost += missing;
    out.push(missing === 0 ? packet : { ...packet, lost: missing });
  }
}
