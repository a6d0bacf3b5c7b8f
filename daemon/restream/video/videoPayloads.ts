import { annexBNals } from '../../nal/annexB.ts';
import type { RtpPayload } from '../../rtsp/rtpWriter.ts';
import type { Encoding } from '../streams.ts';
import { av1Payloads } from './av1Packetizer.ts';
import { jpegPayloads } from './jpegPacketizer.ts';
import { nalPayloads } from './nalPacketizer.ts';
import { piecePayloads } from './piecePacketizer.ts';

/** One picture as the payloads of its packets; none where it cannot be sent. Pure. */
export function videoPayloads(encoding: Encoding, picture: Buffer, key: boolean): RtpPayload[] {
  switch (encoding) {
    case 'H264':
    case 'H265':
      return annexBNals(picture).flatMap((nal) => nalPayloads(encoding, nal));
    case 'JPEG':
      return jpegPayloads(picture);
    case 'AV1':
      return av1Payloads(picture, key);
    default:
      return piecePayloads(encoding, picture, key);
  }
}
