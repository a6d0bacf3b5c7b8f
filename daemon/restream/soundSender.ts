/** Frames of sound to the packets of one client. */
import type { RtpWriter } from '../rtsp/rtpWriter.ts';
import type { Outlet } from './outlet.ts';
import { soundPayloads } from './soundPacketizer.ts';
import type { SoundPart } from './streams.ts';

/** Milliseconds by which a frame may be off the end of the one before and still follow it: recorders take each step for a click. */
const TOLERANCE = 20;

export class SoundSender {
  readonly #writer: RtpWriter;
  readonly #outlet: Outlet;
  /** Where the next frame begins if nothing is missing; milliseconds. */
  #next: number | undefined;

  constructor(writer: RtpWriter, outlet: Outlet) {
    this.#writer = writer;
    this.#outlet = outlet;
  }

  send({ audio, data, time, duration }: SoundPart): void {
    const begin = this.#next !== undefined && Math.abs(time - this.#next) < TOLERANCE ? this.#next : time;
    this.#next = begin + duration;
    // Each frame stands alone: whoever is behind misses some.
    if (!this.#outlet.takes(true, false)) return;
    const packets = soundPayloads(audio, data).map(({ payload, after, marker }) =>
      this.#writer.packet(payload, this.#writer.timestamp(begin + after), marker),
    );
    if (packets.length > 0) this.#outlet.send(packets, false);
  }
}
