/** From the packets of one audio stream to frames on the video's clock. No input or output. */
import type { AudioFrame, AudioParameters } from '../frame.ts';
import type { AudioCoding } from './audioCoding.ts';
import type { AudioDepacketizer } from './audioDepacketizer.ts';
import type { AudioCounters } from './counters.ts';
import { GaplessTime } from './gaplessTime.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';
import { RtpTrack } from './rtpTrack.ts';
import { SoundClock, type VideoClock } from './soundClock.ts';

export interface AudioReceiverOptions {
  coding: AudioCoding;
  /** Whose clock the sound is put on. */
  video: VideoClock;
  /** Promised in the Transport header. */
  ssrc: number | undefined;
  /** UDP: packets may come out of order. */
  reorder: boolean;
  /** Counted into; what an earlier receiver of the same session counted stays. */
  counters: AudioCounters;
  audioFrame: (frame: AudioFrame) => void;
  /** The stream holds something that is left out: said once. */
  leftOut: (what: string) => void;
  /** Milliseconds, `performance.now()`. */
  now: () => number;
}

export class AudioReceiver {
  /** Its RTP and RTCP: packets are given to this. */
  readonly track: RtpTrack;
  /** To be told of pictures, and of the video's sender reports. */
  readonly clock: SoundClock;
  readonly #options: AudioReceiverOptions;
  readonly #depacketizer: AudioDepacketizer;
  readonly #gapless = new GaplessTime();
  readonly #malformedBefore: number;
  /** Packets were lost since the last frame. */
  #missing = false;
  #leftOut: string | undefined;

  constructor(options: AudioReceiverOptions) {
    const { coding, video, counters } = options;
    this.#options = options;
    this.#depacketizer = coding.depacketizer;
    this.#malformedBefore = counters.malformed;
    const { clockRate } = coding.depacketizer;
    this.clock = new SoundClock(video, clockRate);
    this.track = new RtpTrack({
      ...options,
      payloadType: coding.format.payloadType,
      clockRate,
      packet: (packet) => this.#packet(packet),
      senderReport: (report) => this.clock.soundReport(report),
      goodbye: () => {}, // sound may end, or be switched off: the pictures go on
    });
  }

  /** What is known of the sound so far. */
  get audio(): AudioParameters {
    return this.#depacketizer.audio;
  }

  /** The stream is over: hands on what was still waited for. */
  end(): void {
    this.track.flush(Number.POSITIVE_INFINITY);
  }

  #packet(packet: ReceivedPacket): void {
    const { counters, audioFrame, leftOut } = this.#options;
    if (packet.restarted) this.clock.restart();
    if (packet.restarted || packet.lost > 0) this.#missing = true;
    let at: { timestamp: number; time: number | undefined } | undefined;
    for (const { audio, data, timestamp, offset, duration, arrival } of this.#depacketizer.push(packet)) {
      if (at?.timestamp !== timestamp) at = { timestamp, time: this.clock.at(timestamp, arrival) };
      const mediaTime =
        at.time === undefined ? undefined : this.#gapless.place(at.time + offset, duration, this.#missing);
      if (mediaTime === undefined) {
        counters.frames_dropped++;
        continue;
      }
      this.#missing = false;
      counters.frames_received++;
      audioFrame({ audio, data, mediaTime, duration, receivedAt: arrival });
    }
    counters.malformed = this.#malformedBefore + this.#depacketizer.malformed;
    if (this.#depacketizer.leftOut === this.#leftOut) return;
    this.#leftOut = this.#depacketizer.leftOut;
    if (this.#leftOut !== undefined) leftOut(this.#leftOut);
  }
}
