/** Access units of a stream to the packets of one client. */
import { annexBNals } from '../nal/annexB.ts';
import type { RtpWriter } from '../rtsp/rtpWriter.ts';
import { payloadsOf } from './nalPacketizer.ts';
import type { Outlet } from './outlet.ts';
import { encodingOf, type StreamPart } from './streams.ts';

export class PictureSender {
  readonly #writer: RtpWriter;
  readonly #outlet: Outlet;

  constructor(writer: RtpWriter, outlet: Outlet) {
    this.#writer = writer;
    this.#outlet = outlet;
  }

  /** @param burst of the group of pictures that the client begins with */
  send({ kind, data, codec, key, time }: StreamPart, burst: boolean): void {
    const encoding = encodingOf(codec);
    if (kind !== 'picture' || encoding === undefined || !this.#outlet.takes(key, burst)) return;
    const payloads = annexBNals(data).flatMap((nal) => payloadsOf(encoding, nal));
    const timestamp = this.#writer.timestamp(time);
    // The marker ends the access unit (RFC 6184 §5.1, RFC 7798 §4.1).
    const packets = payloads.map((payload, i) =>
      this.#writer.packet(payload, timestamp, i === payloads.length - 1),
    );
    if (packets.length > 0) this.#outlet.send(packets, burst);
  }
}
