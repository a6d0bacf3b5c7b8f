/** The packets of one RTP source (RFC 3550 §5.1), and what its sender reports tell. Pure but for chance. */
import { randomBytes } from 'node:crypto';
import { senderReport } from './rtcp.ts';

const HEADER = 12;

/** A payload in two pieces, so that it is copied once only, into the packet. */
export interface RtpPayload {
  readonly head: Buffer;
  readonly body: Buffer;
}

export interface RtpWriterOptions {
  /** Names the source in its reports (RFC 3550 §6.5.1). */
  cname: string;
  payloadType: number;
  /** Hz. */
  clockRate: number;
  /** SSRC, first sequence number and timestamp are drawn: known plain text helps who attacks encryption (RFC 3550 §5.1). */
  random?: Buffer;
}

export class RtpWriter {
  readonly ssrc: number;
  readonly #cname: string;
  readonly #payloadType: number;
  readonly #ticksPerMs: number;
  #sequence: number;
  readonly #firstTimestamp: number;
  #packets = 0;
  #octets = 0;

  constructor({ cname, payloadType, clockRate, random = randomBytes(10) }: RtpWriterOptions) {
    this.#cname = cname;
    this.#payloadType = payloadType;
    this.#ticksPerMs = clockRate / 1000;
    this.ssrc = random.readUInt32BE(0);
    this.#firstTimestamp = random.readUInt32BE(4);
    this.#sequence = random.readUInt16BE(8);
  }

  /** Of the next packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** @param time milliseconds on the daemon's clock */
  timestamp(time: number): number {
    return (this.#firstTimestamp + Math.round(time * this.#ticksPerMs)) % 2 ** 32;
  }

  packet({ head, body }: RtpPayload, timestamp: number, marker: boolean): Buffer {
    const bytes = Buffer.allocUnsafe(HEADER + head.length + body.length);
    bytes[0] = 0x80;
    bytes[1] = (marker ? 0x80 : 0) | this.#payloadType;
    bytes.writeUInt16BE(this.#sequence, 2);
    bytes.writeUInt32BE(timestamp, 4);
    bytes.writeUInt32BE(this.ssrc, 8);
    head.copy(bytes, HEADER);
    body.copy(bytes, HEADER + head.length);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets++;
    this.#octets += head.length + body.length;
    return bytes;
  }

  /** @param now milliseconds on the daemon's clock, now · @param goodbye nothing more will come */
  report(now: number, goodbye = false): Buffer {
    return senderReport({
      ssrc: this.ssrc,
      cname: this.#cname,
      unixTime: Date.now(),
      rtpTimestamp: this.timestamp(now),
      packetCount: this.#packets,
      octetCount: this.#octets,
      goodbye,
    });
  }
}
