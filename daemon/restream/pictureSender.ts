/** Access units of a stream to the packets of one client. */
import type { RtpWriter } from '../rtsp/rtpWriter.ts';
import type { Outlet } from './outlet.ts';
import { encodingOf, type StreamPart } from './streams.ts';
import { videoPayloads } from './video/videoPayloads.ts';

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
    const payloads = videoPayloads(encoding, data, key);
    const timestamp = this.#writer.timestamp(time);
    // The marker ends the access unit (RFC 6184 §5.1, RFC 7798 §4.1, and the others).
    const packets = payloads.map((payload, i) =>
      this.#writer.packet(payload, timestamp, i === payloads.length - 1),
    );
    if (packets.length > 0) this.#outlet.send(packets, burst);
  }
}
