/** From the packets of one video stream to access units: what a session does with each packet, whichever way it came. No input or output. */
import type { AccessUnit } from '../frame.ts';
import type { SenderReport } from '../rtsp/rtcp.ts';
import type { IngestCounters } from './counters.ts';
import { h264Coding } from './h264Coding.ts';
import { h265Coding } from './h265Coding.ts';
import { JpegDepacketizer } from './jpegDepacketizer.ts';
import { NalDepacketizer } from './nalDepacketizer.ts';
import { mpeg4Config } from './pictures/mpeg4Coding.ts';
import { pictureCoding } from './pictures/pictureCodings.ts';
import { PictureDepacketizer } from './pictures/pictureDepacketizer.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';
import { RtpTrack } from './rtpTrack.ts';
import type { SdpFormat, SdpMedia } from './sdp.ts';
import type { VideoDepacketizer } from './videoDepacketizer.ts';

export interface VideoReceiverOptions {
  format: SdpFormat;
  /** What the SDP says of the size. */
  dimensions: SdpMedia['dimensions'];
  /** Promised in the Transport header. */
  ssrc: number | undefined;
  /** UDP: packets may come out of order. */
  reorder: boolean;
  /** Counted into; what an earlier receiver of the same session counted stays. */
  counters: IngestCounters;
  accessUnit: (unit: AccessUnit) => void;
  senderReport: (report: SenderReport) => void;
  /** The source said goodbye (RTCP BYE). */
  goodbye: () => void;
  /** Milliseconds, `performance.now()`. */
  now: () => number;
}

export class VideoReceiver {
  /** Media time of the last access unit, milliseconds from the first. */
  mediaTime = 0;
  /** Its RTP and RTCP: packets are given to this. */
  readonly track: RtpTrack;
  readonly #options: VideoReceiverOptions;
  readonly #depacketizer: VideoDepacketizer;
  readonly #droppedBefore: number;

  constructor(options: VideoReceiverOptions) {
    this.#options = options;
    this.#droppedBefore = options.counters.frames_dropped;
    const { clockRate, payloadType } = options.format;
    this.track = new RtpTrack({
      ...options,
      payloadType,
      clockRate,
      packet: (packet) => this.#packet(packet),
    });
    this.#depacketizer = depacketizerOf(options);
  }

  /** See `Timeline.timeOf`, and how often that clock was begun anew. */
  timeOf(timestamp: number): number | undefined {
    return this.#depacketizer.timeOf(timestamp);
  }

  get discontinuities(): number {
    return this.#depacketizer.discontinuities;
  }

  /** The stream is over: hands on what was still waited for or in the making. */
  end(): void {
    this.track.flush(Number.POSITIVE_INFINITY);
    this.#handOn(this.#depacketizer.flush());
  }

  #packet(packet: ReceivedPacket): void {
    this.#handOn(this.#depacketizer.push(packet));
    this.#options.counters.frames_dropped = this.#droppedBefore + this.#depacketizer.droppedUnits;
  }

  #handOn(units: readonly AccessUnit[]): void {
    const { counters } = this.#options;
    for (const unit of units) {
      counters.frames_received++;
      if (unit.key) counters.key_frames++;
      counters.last_frame_time = Date.now() / 1000;
      this.mediaTime = unit.mediaTime;
      this.#options.accessUnit(unit);
    }
  }
}

function depacketizerOf({ format, dimensions }: VideoReceiverOptions): VideoDepacketizer {
  const { clockRate, codec, fmtp } = format;
  if (codec === 'mjpeg') return new JpegDepacketizer({ clockRate, dimensions });
  const coding = pictureCoding(codec, mpeg4Config(fmtp.get('config')));
  if (coding) return new PictureDepacketizer({ coding, clockRate });
  return new NalDepacketizer({ coding: codec === 'hevc' ? h265Coding : h264Coding, clockRate, fmtp });
}
