/** The little RTCP a camera speaks (RFC 3550 §6.4): sender reports out, receiver reports in. Pure. */

const SECONDS_1900_TO_1970 = 2_208_988_800;

export interface SenderReport {
  readonly ssrc: number;
  /** Wall clock, Unix milliseconds. */
  readonly time: number;
  /** RTP timestamp of the same instant. */
  readonly rtpTime: number;
  readonly packets: number;
  readonly octets: number;
}

/** A compound packet: sender report and SDES with a CNAME (RFC 3550 §6.1 wants both). */
export function formatSenderReport(report: SenderReport, cname: string): Buffer {
  const name = Buffer.from(cname, 'utf8').subarray(0, 255);
  const sdesBytes = Math.ceil((4 + 4 + 2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(28 + sdesBytes);
  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE(Math.floor(report.time / 1000) + SECONDS_1900_TO_1970, 8);
  packet.writeUInt32BE(Math.floor(((report.time % 1000) / 1000) * 2 ** 32), 12);
  packet.writeUInt32BE(report.rtpTime >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.octets >>> 0, 24);
  packet[28] = 0x81;
  packet[29] = 202;
  packet.writeUInt16BE(sdesBytes / 4 - 1, 30);
  packet.writeUInt32BE(report.ssrc, 32);
  packet[36] = 1;
  packet[37] = name.length;
  name.copy(packet, 38);
  return packet;
}

/** What a client reports of our stream. */
export interface ReceiverReport {
  /** The stream that the report is about. */
  readonly ssrc: number;
  /** 0…1 since the report before. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  /** In RTP time units. */
  readonly jitter: number;
}

/**
 * @returns every report block of every receiver report in the compound packet (a receiver report without blocks
 * counts as one with zeros), nothing for what is no RTCP
 */
export function parseReceiverReports(packet: Buffer): ReceiverReport[] {
  const reports: ReceiverReport[] = [];
  for (let at = 0; at + 8 <= packet.length; ) {
    const bytes = (packet.readUInt16BE(at + 2) + 1) * 4;
    const first = packet.readUInt8(at);
    if (first >> 6 !== 2 || at + bytes > packet.length) break;
    if (packet.readUInt8(at + 1) === 201) {
      const blocks = first & 0x1f;
      if (blocks === 0) reports.push({ ssrc: 0, fractionLost: 0, packetsLost: 0, jitter: 0 });
      for (let i = 0, b = at + 8; i < blocks && b + 24 <= at + bytes; i++, b += 24) {
        reports.push({
          ssrc: packet.readUInt32BE(b),
          fractionLost: packet.readUInt8(b + 4) / 256,
          packetsLost: packet.readIntBE(b + 5, 3),
          jitter: packet.readUInt32BE(b + 12),
        });
      }
    }
    at += bytes;
  }
  return reports;
}
