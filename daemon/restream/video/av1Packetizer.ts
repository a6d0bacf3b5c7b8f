/** AV1 to RTP payloads (“RTP Payload Format For AV1”, AOM, v1.0.0): each unit alone or in pieces. Pure. */
import { OBU_EXTENDED, OBU_SIZED, obusOf } from '../../nal/obu.ts';
import type { RtpPayload } from '../../rtsp/rtpWriter.ts';
import { MAX_PAYLOAD } from './maxPayload.ts';

/** The aggregation header (§4.4): the piece goes on from the packet before, goes on in the next, is the only one; a sequence begins. */
const CONTINUES = 0x80;
const GOES_ON = 0x40;
const ONE = 0x10;
const BEGINS = 0x08;

/** @param unit a temporal unit without its delimiter, every OBU with its size, which RTP leaves out */
export function av1Payloads(unit: Buffer, key: boolean, most = MAX_PAYLOAD): RtpPayload[] {
  const payloads: RtpPayload[] = [];
  for (const { whole, payload } of obusOf(unit)) {
    const header = whole[0]! & ~OBU_SIZED;
    const extension = whole.subarray(1, header & OBU_EXTENDED ? 2 : 1);
    const element = Buffer.concat([Buffer.of(header), extension, payload]);
    const room = most - 1;
    for (let at = 0; at < element.length; at += room) {
      const flags =
        (at > 0 ? CONTINUES : 0) |
        (at + room < element.length ? GOES_ON : 0) |
        (key && payloads.length === 0 ? BEGINS : 0);
      payloads.push({ head: Buffer.of(ONE | flags), body: element.subarray(at, at + room) });
    }
  }
  return payloads;
}
