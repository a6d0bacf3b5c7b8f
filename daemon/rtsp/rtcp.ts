/** RTCP (RFC 3550 §6): a tolerant reader of what cameras send, and the reports that we send to them and to our clients. Pure. */

/** One reception report block (RFC 3550 §6.4.1). */
export interface ReportBlock {
  /** The source that the report is about. */
  readonly ssrc: number;
  /** Lost since the previous report, in 1/256. */
  readonly fractionLost: number;
  /** Lost since the beginning; negative where duplicates came. */
  readonly cumulativeLost: number;
  readonly extendedHighestSequence: number;
  /** Interarrival jitter in units of the media clock. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time, 0 without one. */
  readonly lastSenderReport: number;
  /** Since that report arrived, in 1/65536 s, 0 without one. */
  readonly delaySinceLastSenderReport: number;
}

export type RtcpPacket =
  | {
      readonly type: 'senderReport';
      readonly ssrc: number;
      /** NTP time stamp: seconds since 1900 and fraction in 1/2^32 s. Often rubbish: a hint only. */
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTimestamp: number;
      readonly packetCount: number;
      readonly octetCount: number;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly type: 'receiverReport'; readonly ssrc: number; readonly reports: readonly ReportBlock[] }
  | {
      readonly type: 'sourceDescription';
      readonly sources: readonly { ssrc: number; cname: string | undefined }[];
    }
  | { readonly type: 'goodbye'; readonly ssrcs: readonly number[] };

export type SenderReport = Extract<RtcpPacket, { type: 'senderReport' }>;

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const APPLICATION = 204;
const BLOCK_SIZE = 24;
const SDES_CNAME = 1;

/**
 * Whether a packet is RTCP by its packet type, whatever channel or port it came by: some servers send RTCP on the
 * RTP channel (case 41, from GStreamer's rtspsrc).
 */
export function isRtcp(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes[1]! >= SENDER_REPORT && bytes[1]! <= APPLICATION;
}

/**
 * Reads a compound packet as far as it makes sense; what is unknown is skipped, from what is cut off on nothing is
 * returned. Never throws.
 */
export function parseRtcp(bytes: Buffer): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    if (bytes[at]! >> 6 !== 2) break;
    const end = at + 4 + bytes.readUInt16BE(at + 2) * 4;
    if (end > bytes.length) break;
    const packet = parseOne(bytes[at + 1]!, bytes[at]! & 0x1f, bytes.subarray(at + 4, end));
    if (packet !== undefined) packets.push(packet);
    at = end;
  }
  return packets;
}

function parseOne(type: number, count: number, body: Buffer): RtcpPacket | undefined {
  switch (type) {
    case SENDER_REPORT:
      if (body.length < 24) return undefined;
      return {
        type: 'senderReport',
        ssrc: body.readUInt32BE(0),
        ntpSeconds: body.readUInt32BE(4),
        ntpFraction: body.readUInt32BE(8),
        rtpTimestamp: body.readUInt32BE(12),
        packetCount: body.readUInt32BE(16),
        octetCount: body.readUInt32BE(20),
        reports: parseBlocks(body, 24, count),
      };
    case RECEIVER_REPORT:
      if (body.length < 4) return undefined;
      return { type: 'receiverReport', ssrc: body.readUInt32BE(0), reports: parseBlocks(body, 4, count) };
    case SOURCE_DESCRIPTION:
      return { type: 'sourceDescription', sources: parseSources(body, count) };
    case GOODBYE: {
      const ssrcs: number[] = [];
      for (let i = 0; i < count && (i + 1) * 4 <= body.length; i++) ssrcs.push(body.readUInt32BE(i * 4));
      return { type: 'goodbye', ssrcs };
    }
    default:
      return undefined;
  }
}

function parseBlocks(body: Buffer, from: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let at = from; blocks.length < count && at + BLOCK_SIZE <= body.length; at += BLOCK_SIZE) {
    blocks.push({
      ssrc: body.readUInt32BE(at),
      fractionLost: body[at + 4]!,
      cumulativeLost: body.readIntBE(at + 5, 3),
      extendedHighestSequence: body.readUInt32BE(at + 8),
      jitter: body.readUInt32BE(at + 12),
      lastSenderReport: body.readUInt32BE(at + 16),
      delaySinceLastSenderReport: body.readUInt32BE(at + 20),
    });
  }
  return blocks;
}

/** Chunks end with a zero byte, but Hanwha QNV-8080R leaves it out of the last one (mediamtx#5355). */
function parseSources(body: Buffer, count: number): { ssrc: number; cname: string | undefined }[] {
  const sources: { ssrc: number; cname: string | undefined }[] = [];
  let at = 0;
  while (sources.length < count && at + 4 <= body.length) {
    const source: { ssrc: number; cname: string | undefined } = {
      ssrc: body.readUInt32BE(at),
      cname: undefined,
    };
    at += 4;
    while (at + 2 <= body.length && body[at] !== 0) {
      const end = at + 2 + body[at + 1]!;
      if (end > body.length) return sources;
      if (body[at] === SDES_CNAME) source.cname = body.toString('utf8', at + 2, end);
      at = end;
    }
    sources.push(source);
    at = (at + 4) & ~3;
  }
  return sources;
}

export interface ReceiverReportOptions {
  /** Our own SSRC. */
  readonly ssrc: number;
  /** Our canonical name; cut at 255 bytes. */
  readonly cname: string;
  /** Undefined before anything was received: an empty report, which still keeps the session alive. */
  readonly report: ReportBlock | undefined;
}

/** The compound packet RR + SDES(CNAME) that a receiver must send (RFC 3550 §6.1); some cameras stop without (case 50). */
export function receiverReport({ ssrc, cname, report }: ReceiverReportOptions): Buffer {
  const bytes = Buffer.alloc(8 + (report === undefined ? 0 : BLOCK_SIZE));
  bytes[0] = 0x80 | (report === undefined ? 0 : 1);
  bytes[1] = RECEIVER_REPORT;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc >>> 0, 4);
  if (report !== undefined) {
    bytes.writeUInt32BE(report.ssrc >>> 0, 8);
    bytes[12] = Math.min(Math.max(report.fractionLost, 0), 255);
    bytes.writeIntBE(Math.min(Math.max(report.cumulativeLost, -0x800000), 0x7fffff), 13, 3);
    bytes.writeUInt32BE(report.extendedHighestSequence >>> 0, 16);
    bytes.writeUInt32BE(report.jitter >>> 0, 20);
    bytes.writeUInt32BE(report.lastSenderReport >>> 0, 24);
    bytes.writeUInt32BE(report.delaySinceLastSenderReport >>> 0, 28);
  }
  return Buffer.concat([bytes, sourceDescription(ssrc, cname)]);
}

export interface SenderReportOptions {
  readonly ssrc: number;
  /** Cut at 255 bytes. */
  readonly cname: string;
  /** Time of day, Unix milliseconds, and the RTP timestamp of that very moment (RFC 3550 §6.4.1). */
  readonly unixTime: number;
  readonly rtpTimestamp: number;
  /** Sent since the beginning. */
  readonly packetCount: number;
  readonly octetCount: number;
  /** Nothing more will come: a BYE is added (RFC 3550 §6.6). */
  readonly goodbye?: boolean;
}

/** Seconds from 1900, where NTP begins to count, to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** The compound packet SR + SDES(CNAME) of a sender, with BYE at its end. */
export function senderReport(options: SenderReportOptions): Buffer {
  const { ssrc, cname, unixTime, rtpTimestamp, packetCount, octetCount, goodbye = false } = options;
  const seconds = Math.floor(unixTime / 1000);
  const bytes = Buffer.alloc(28);
  bytes[0] = 0x80;
  bytes[1] = SENDER_REPORT;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc >>> 0, 4);
  bytes.writeUInt32BE((seconds + NTP_EPOCH) % 2 ** 32, 8);
  bytes.writeUInt32BE(Math.floor(((unixTime - seconds * 1000) / 1000) * 2 ** 32), 12);
  bytes.writeUInt32BE(rtpTimestamp >>> 0, 16);
  bytes.writeUInt32BE(packetCount % 2 ** 32, 20);
  bytes.writeUInt32BE(octetCount % 2 ** 32, 24);
  const bye = Buffer.from([0x81, GOODBYE, 0, 1, 0, 0, 0, 0]);
  bye.writeUInt32BE(ssrc >>> 0, 4);
  return Buffer.concat([bytes, sourceDescription(ssrc, cname), ...(goodbye ? [bye] : [])]);
}

/** SDES with one chunk: SSRC, item type, item length, text, at least one zero byte, padded to four bytes. */
function sourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname).subarray(0, 255);
  const chunkSize = (4 + 2 + name.length + 4) & ~3;
  const bytes = Buffer.alloc(4 + chunkSize);
  bytes[0] = 0x81;
  bytes[1] = SOURCE_DESCRIPTION;
  bytes.writeUInt16BE(chunkSize / 4, 2);
  bytes.writeUInt32BE(ssrc >>> 0, 4);
  bytes[8] = SDES_CNAME;
  bytes[9] = name.length;
  name.copy(bytes, 10);
  return bytes;
}
