/**
 * NAL units to RTP payloads: RFC 6184 packetization-mode 1 and RFC 7798, each NAL unit alone or in fragments. They are not
 * aggregated (STAP-A, AP): that saves bytes with small slices only, and every receiver reads them alone. Pure.
 */
import { H264_FU_A, H264_HEADER } from '../../nal/h264.ts';
import { H265_FU, H265_HEADER, h265Type } from '../../nal/h265.ts';
import type { RtpPayload } from '../../rtsp/rtpWriter.ts';
import { MAX_PAYLOAD } from './maxPayload.ts';

export type NalEncoding = 'H264' | 'H265';

const NOTHING = Buffer.alloc(0);
const START = 0x80;
const END = 0x40;

/** One NAL unit, without start code, as the payloads of one or more packets. One that has no header gives none. */
export function nalPayloads(encoding: NalEncoding, nal: Buffer, most = MAX_PAYLOAD): RtpPayload[] {
  const headerBytes = encoding === 'H264' ? H264_HEADER : H265_HEADER;
  if (nal.length <= headerBytes) return [];
  if (nal.length <= most) return [{ head: NOTHING, body: nal }];

  const { indicator, type } = encoding === 'H264' ? fuA(nal) : fu(nal);
  const room = most - indicator.length - 1;
  const payloads: RtpPayload[] = [];
  // The NAL unit's own header is not among the fragments: it is put together again from indicator and type.
  for (let at = headerBytes; at < nal.length; at += room) {
    // Never both: a NAL unit that fits into one packet is sent alone (RFC 6184 §5.8, RFC 7798 §4.4.3).
    const flags = (at === headerBytes ? START : 0) | (at + room >= nal.length ? END : 0);
    payloads.push({
      head: Buffer.from([...indicator, flags | type]),
      body: nal.subarray(at, at + room),
    });
  }
  return payloads;
}

/** RFC 6184 §5.8: F and NRI stay in the indicator, the type goes into the FU header. */
function fuA(nal: Buffer): { indicator: number[]; type: number } {
  return { indicator: [(nal[0]! & 0xe0) | H264_FU_A], type: nal[0]! & 0x1f };
}

/** RFC 7798 §4.4.3: the header's two bytes with another type, which goes into the FU header. */
function fu(nal: Buffer): { indicator: number[]; type: number } {
  return { indicator: [(nal[0]! & 0x81) | (H265_FU << 1), nal[1]!], type: h265Type(nal[0]!) };
}
