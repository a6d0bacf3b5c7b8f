/** RTP and RTCP of one track of a session, whichever way the packets come. No input or output. */
import { randomInt } from 'node:crypto';
import { isRtcp, parseRtcp, receiverReport, type SenderReport } from '../rtsp/rtcp.ts';
import type { TrackCounters } from './counters.ts';
import { parseRtp } from './rtp.ts';
import { type ReceivedPacket, RtpReceiver } from './rtpReceiver.ts';

/** Our canonical name in RTCP (RFC 3550 §6.5.1). */
const CNAME = 'walleye';

export interface RtpTrackOptions {
  payloadType: number;
  clockRate: number;
  /** Promised in the Transport header. */
  ssrc: number | undefined;
  /** UDP: packets may come out of order. */
  reorder: boolean;
  /** Counted into; what an earlier track of the same session counted stays. */
  counters: TrackCounters;
  /** Packets in order. */
  packet: (packet: ReceivedPacket) => void;
  /** Of the source that is followed. */
  senderReport: (report: SenderReport) => void;
  /** The source said goodbye (RTCP BYE). */
  goodbye: () => void;
  /** Milliseconds, `performance.now()`. */
  now: () => number;
}

export class RtpTrack {
  /** When the last RTP packet of our payload type came, milliseconds; undefined before the first. */
  lastPacket: number | undefined;
  readonly #options: RtpTrackOptions;
  readonly #rtp: RtpReceiver;
  readonly #ssrc = randomInt(1, 0xffff_ffff);
  readonly #before: TrackCounters;

  constructor(options: RtpTrackOptions) {
    this.#options = options;
    this.#before = { ...options.counters };
    this.#rtp = new RtpReceiver(options);
  }

  /** When `flush` should be called because a missing packet is being waited for; undefined: never. */
  get deadline(): number | undefined {
    return this.#rtp.deadline;
  }

  /** Takes an RTP or RTCP packet. Some servers send RTCP on the RTP channel (case 41), so its own type decides. */
  packet(bytes: Buffer): void {
    const now = this.#options.now();
    if (isRtcp(bytes)) {
      this.#rtcp(bytes, now);
      return;
    }
    const packet = parseRtp(bytes);
    if ('invalid' in packet) return;
    const { counters } = this.#options;
    counters.packets_received++;
    counters.bytes_received += bytes.length;
    if (packet.payloadType === this.#options.payloadType) this.lastPacket = now;
    this.#deliver(this.#rtp.push(packet, now));
  }

  /** Gives up on packets that are missing for too long at `now` (ms; `Infinity` at the end of the stream). */
  flush(now: number): void {
    this.#deliver(this.#rtp.flush(now));
  }

  /** Receiver report to send, with an empty report before the first packet (some cameras stop without, case 50). */
  report(): Buffer {
    return receiverReport({ ssrc: this.#ssrc, cname: CNAME, report: this.#rtp.report() });
  }

  /** An RTP packet without payload, which opens firewalls and NAT towards us. */
  emptyPacket(): Buffer {
    const packet = Buffer.alloc(12);
    packet[0] = 0x80;
    packet[1] = this.#options.payloadType;
    packet.writeUInt32BE(this.#ssrc, 8);
    return packet;
  }

  #rtcp(bytes: Buffer, now: number): void {
    const { counters, senderReport, goodbye } = this.#options;
    counters.rtcp_received++;
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'senderReport') {
        this.#rtp.senderReport(packet, now);
        // One that comes before the first packet is of the source that is to come.
        if (this.#rtp.ssrc === undefined || packet.ssrc === this.#rtp.ssrc) senderReport(packet);
      } else if (packet.type === 'goodbye' && packet.ssrcs.some((ssrc) => ssrc === this.#rtp.ssrc)) {
        goodbye(); // one of another source is not ours (RTCP with unknown SSRC: Tapo C320WS, case 45)
      }
    }
  }

  #deliver(packets: readonly ReceivedPacket[]): void {
    const { counters } = this.#options;
    for (const packet of packets) this.#options.packet(packet);
    counters.packets_lost = this.#before.packets_lost + this.#rtp.lost;
    counters.packets_reordered = this.#before.packets_reordered + this.#rtp.reordered;
    counters.packets_duplicate = this.#before.packets_duplicate + this.#rtp.duplicate;
    counters.jitter = this.#rtp.jitter;
  }
}
