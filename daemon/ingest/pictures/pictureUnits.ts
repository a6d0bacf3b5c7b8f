/** From whole pictures to access units: decoding begins with a key picture, also after what was lost. No input or output. */
import type { AccessUnit, VideoParameters } from '../../frame.ts';
import { Timeline } from '../timeline.ts';
import type { PictureCoding } from './pictureCoding.ts';

export class PictureUnits {
  /** Given up since the first key picture. */
  dropped = 0;
  readonly timeline: Timeline;
  readonly #coding: PictureCoding;
  #video: VideoParameters | undefined;
  #waiting = true;

  /** @param clockRate ticks a second of the timestamps */
  constructor(coding: PictureCoding, clockRate: number) {
    this.#coding = coding;
    this.timeline = new Timeline(clockRate);
  }

  /** A picture is missing here: what follows refers to it. */
  lose(): void {
    this.#waiting = true;
  }

  /** A picture that began and cannot be made whole. */
  drop(): void {
    if (this.#video) this.dropped++;
    this.#waiting = true;
  }

  /** The source began anew: another clock, and nothing that refers to what came before. */
  restart(): void {
    this.#waiting = true;
    this.timeline.restart();
  }

  /** @param timestamp of RTP, 32 bits @param arrival milliseconds */
  push(picture: Buffer, timestamp: number, arrival: number): AccessUnit[] {
    const key = this.#coding.key(picture);
    if (key) {
      this.#video = this.#known({ ...key.video, codec: this.#coding.codec });
      this.#waiting = false;
    }
    if (this.#waiting || !this.#video) {
      this.drop();
      return [];
    }
    return [
      {
        video: this.#video,
        data: key?.data ?? picture,
        key: key !== undefined,
        mediaTime: this.timeline.at(timestamp, arrival),
        receivedAt: arrival,
      },
    ];
  }

  /** One object for as long as it says the same: another one restarts the decoders. */
  #known(video: VideoParameters): VideoParameters {
    const before = this.#video;
    const same =
      before?.width === video.width &&
      before.height === video.height &&
      before.codecString === video.codecString &&
      before.parameterSets.length === video.parameterSets.length &&
      before.parameterSets.every((set, i) => set.equals(video.parameterSets[i]!));
    return same ? before : video;
  }
}
