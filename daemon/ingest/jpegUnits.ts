import type { AccessUnit, VideoParameters } from '../frame.ts';
import { jpegSize } from '../jpeg/jpegSize.ts';
import type { IngestCounters } from './counters.ts';
import { jpegVideo } from './jpegVideo.ts';

/** Access units of JPEGs that have no time of their own. */
export class JpegUnits {
  readonly #counters: IngestCounters;
  #video: VideoParameters | undefined;
  #firstAt: number | undefined;
  #mediaTime = -1;

  constructor(counters: IngestCounters) {
    this.#counters = counters;
  }

  /** @param receivedAt `performance.now()` milliseconds @returns undefined: it is no picture, which is counted */
  unit(picture: Buffer, receivedAt: number): AccessUnit | undefined {
    const size = jpegSize(picture);
    if (!size || size.width === 0 || size.height === 0) {
      this.#counters.frames_dropped++;
      return undefined;
    }
    this.#firstAt ??= receivedAt;
    // Several may come in one piece.
    this.#mediaTime = Math.max(receivedAt - this.#firstAt, this.#mediaTime + 1);
    this.#video = jpegVideo(size, this.#video);
    this.#counters.frames_received++;
    this.#counters.key_frames++;
    this.#counters.last_frame_time = Date.now() / 1000;
    // A copy: the piece that it came in is often much larger.
    const data = Buffer.from(picture);
    return { video: this.#video, data, key: true, mediaTime: this.#mediaTime, receivedAt };
  }
}
