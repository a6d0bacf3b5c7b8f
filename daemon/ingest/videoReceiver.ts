/** From the packets of one video stream to access units: what a session does with each packet, whichever way it came. No input or output. */
import { randomInt } from 'node:crypto';
import type { AccessUnit } from '../frame.ts';
import type { IngestCounters } from './counters.ts';
import { H264Depacketizer } from './h264Depacketizer.ts';
import { isRtcp, parseRtcp, receiverReport } from './rtcp.ts';
import { parseRtp } from './rtp.ts';
import { type ReceivedPacket, RtpReceiver } from './rtpReceiver.ts';
import type { SdpFormat } from './sdp.ts';

/** Our canonical name in RTCP (RFC 3550 §6.5.1). */
const CNAME = 'walleye';

export interface VideoReceiverOptions {
  format: SdpFormat;
  /** Promised in the Transport header. */
  ssrc: number | undefined;
  /** UDP: packets may come out of order. */
  reorder: boolean;
  /** Counted into; what an earlier receiver of the same session counted stays. */
  counters: IngestCounters;
  accessUnit: (unit: AccessUnit) => void;
  /** The source said goodbye (RTCP BYE). */
  goodbye: () => void;
  /** Milliseconds, `performance.now()`. */
  now: () => number;
}

export class VideoReceiver {
  /** When the last RTP packet of this video came, milliseconds; undefined before the first. */
  lastPacket: number | undefined;
  /** Media time of the last access unit, milliseconds from the first. */
  mediaTime = 0;
  readonly #options: VideoReceiverOptions;
  readonly #rtp: RtpReceiver;
  readonly #depacketizer: H264Depacketizer;
  readonly #ssrc = randomInt(1, 0xffff_ffff);
  readonly #before: IngestCounters;

  constructor(options: VideoReceiverOptions) {
    this.#options = options;
    this.#before = { ...options.counters };
    const { clockRate, payloadType, fmtp } = options.format;
    this.#rtp = new RtpReceiver({
      payloadType,
      clockRate,
      reorder: options.reorder,
      ssrc: options.ssrc,
      now: options.now,
    });
    this.#depacketizer = new H264Depacketizer({
      clockRate,
      spropParameterSets: fmtp.get('sprop-parameter-sets'),
    });
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
    if (packet.payloadType === this.#options.format.payloadType) this.lastPacket = now;
    this.#deliver(this.#rtp.push(packet, now));
  }

  /** Gives up on packets that are missing for too long. */
  flush(now: number): void {
    this.#deliver(this.#rtp.flush(now));
  }

  /** The stream is over: hands on what was still waited for or in the making. */
  end(): void {
    this.#deliver(this.#rtp.flush(Number.POSITIVE_INFINITY));
    this.#handOn(this.#depacketizer.flush());
  }

  /** Receiver report to send, with an empty report before the first packet (some cameras stop without, case 50). */
  report(): Buffer {
    return receiverReport({ ssrc: this.#ssrc, cname: CNAME, report: this.#rtp.report() });
  }

  /** An RTP packet without payload, which opens firewalls and NAT towards us. */
  emptyPacket(): Buffer {
    const packet = Buffer.alloc(12);
    packet[0] = 0x80;
    packet[1] = this.#options.format.payloadType;
    packet.writeUInt32BE(this.#ssrc, 8);
    return packet;
  }

  #rtcp(bytes: Buffer, now: number): void {
    this.#options.counters.rtcp_received++;
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'senderReport') this.#rtp.senderReport(packet, now);
      // A goodbye of another source is not ours (RTCP with unknown SSRC: Tapo C320WS, case 45).
      else if (packet.type === 'goodbye' && packet.ssrcs.some((ssrc) => ssrc === this.#rtp.ssrc))
        this.#options.goodbye();
    }
  }

  #deliver(packets: readonly ReceivedPacket[]): void {
    for (const packet of packets) this.#handOn(this.#depacketizer.push(packet));
    const { counters } = this.#options;
    counters.packets_lost = this.#before.packets_lost + this.#rtp.lost;
    counters.packets_reordered = this.#before.packets_reordered + this.#rtp.reordered;
    counters.packets_duplicate = this.#before.packets_duplicate + this.#rtp.duplicate;
    counters.frames_dropped = this.#before.frames_dropped + this.#depacketizer.droppedUnits;
    counters.jitter = this.#rtp.jitter;
  }

  #handOn(units: readonly AccessUnit[]): void {
    const { counters } = this.#options;
    for (const unit of units) {
      counters.frames_received++;
      if (unit.key) counters.key_frames++;
      counters.last_frame_time = Date.now() / 1000;
      this.mediaTime = unit.mediaTime;
      this.#options.accessUnit(unit);
    }
  }
}
