import type { AccessUnit, VideoParameters } from '../frame.ts';
import { DecodeTimes } from './decodeTimes.ts';
import type { Mp4Sample } from './fragment.ts';
import { VIDEO_TIMESCALE } from './initSegment.ts';
import { lengthPrefixed } from './lengthPrefixed.ts';
import { MediaClock } from './mediaClock.ts';

/** A sample, and where it is on the daemon's timeline. */
export interface TimedSample {
  readonly sample: Mp4Sample;
  /** Milliseconds. */
  readonly presentedAt: number;
  readonly discontinuity: boolean;
}

/** Access units of one stream, across its sessions, as samples of a video track. For viewers and for recordings. */
export class VideoSamples {
  /** For the sound of the same stream. */
  readonly clock: MediaClock;
  readonly #times = new DecodeTimes(VIDEO_TIMESCALE);
  #video: VideoParameters | undefined;

  constructor(clock: MediaClock = new MediaClock()) {
    this.clock = clock;
  }

  /** Undefined before the first key picture of its parameters, which nobody could decode, and for what holds no picture. */
  push(unit: AccessUnit): TimedSample | undefined {
    if (unit.video !== this.#video && !unit.key) return undefined;
    const data = lengthPrefixed(unit.data, unit.video.codec);
    if (data.length === 0) return undefined;
    this.#video = unit.video;
    const { time, discontinuity } = this.clock.at(unit);
    const sample = { data, key: unit.key, ...this.#times.at(time, unit.key) };
    return { sample, presentedAt: time, discontinuity };
  }
}
