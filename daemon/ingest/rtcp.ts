/** RTCP (RFC 3550 §6): a tolerant reader of what cameras send, and the receiver report that we send. Pure. */

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
  const name = Buffer.from(cname).subarray(0, 255);
  const reportSize = 8 + (report === undefined ? 0 : BLOCK_SIZE);
  // Chunk: SSRC, item type, item length, text, at least one zero byte, padded to four bytes.
  const chunkSize = (4 + 2 + name.length + 4) & ~3;
  const bytes = Buffer.alloc(reportSize + 4 + chunkSize);

  bytes[0] = 0x80 | (report === undefined ? 0 : 1);
  bytes[1] = RECEIVER_REPORT;
  bytes.writeUInt16BE(reportSize / 4 - 1, 2);
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

  bytes[reportSize] = 0x81;
  bytes[reportSize + 1] = SOURCE_DESCRIPTION;
  bytes.writeUInt16BE(chunkSize / 4, reportSize + 2);
  bytes.writeUInt32BE(ssrc >>> 0, reportSize + 4);
  bytes[reportSize + 8] = SDES_CNAME;
  bytes[reportSize + 9] = name.length;
  name.copy(bytes, reportSize + 10);
  return bytes;
}
