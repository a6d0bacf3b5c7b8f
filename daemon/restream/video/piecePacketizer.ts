/** Pictures that RTP carries as they are, cut anywhere: MPEG-4 part 2 (RFC 6416), VP8 (RFC 7741), VP9 (RFC 9628). Pure. */
import type { RtpPayload } from '../../rtsp/rtpWriter.ts';
import { MAX_PAYLOAD } from './maxPayload.ts';

export type PieceEncoding = 'MP4V-ES' | 'VP8' | 'VP9';

/** What stands in front of a piece. @param first @param last piece of the picture */
const HEADS: Record<PieceEncoding, (key: boolean, first: boolean, last: boolean) => Buffer> = {
  'MP4V-ES': () => Buffer.alloc(0),
  // §4.2: S; partition 0 for all of it, since the partitions are not looked for.
  VP8: (_key, first) => Buffer.of(first ? 0x10 : 0),
  // §4.2: P, B, E; one layer, and no numbers of pictures.
  VP9: (key, first, last) => Buffer.of((key ? 0 : 0x40) | (first ? 0x08 : 0) | (last ? 0x04 : 0)),
};

export function piecePayloads(
  encoding: PieceEncoding,
  picture: Buffer,
  key: boolean,
  most = MAX_PAYLOAD,
): RtpPayload[] {
  const head = HEADS[encoding];
  const room = most - head(key, true, true).length;
  const payloads: RtpPayload[] = [];
  for (let at = 0; at < picture.length; at += room)
    payloads.push({
      head: head(key, at === 0, at + room >= picture.length),
      body: picture.subarray(at, at + room),
    });
  return payloads;
}
