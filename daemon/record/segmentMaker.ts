import type { AccessUnit, VideoParameters } from '../frame.ts';
import { fragmentOfTracks, type Mp4Sample } from '../mp4/fragment.ts';
import { initSegment, VIDEO_TIMESCALE, VIDEO_TRACK } from '../mp4/initSegment.ts';
import { producerTime } from '../mp4/producerTime.ts';
import { VideoSamples } from '../mp4/videoSamples.ts';

/** What is to be done with the file of a recording. */
export type SegmentStep =
  /** Another file begins with this. */
  | { do: 'begin'; video: VideoParameters; startedAt: number; data: Buffer }
  /** `until`: Unix milliseconds of the end of what is in the file with this. */
  | { do: 'append'; data: Buffer; until: number }
  | { do: 'end' };

export interface SegmentLimits {
  /** Milliseconds of one fragment: what a power cut may cost. */
  fragment: number;
  /** Milliseconds and bytes from which on a segment ends at the next key picture. */
  length: number;
  bytes: number;
  /** Whatever the camera does: a stream without key pictures ends here. */
  mostLength: number;
}

export const SEGMENT_LIMITS: SegmentLimits = {
  fragment: 1_000,
  length: 60_000,
  bytes: 256 * 1024 * 1024,
  mostLength: 600_000,
};
/** Milliseconds by which the system's clock may have been set before the times of a segment would be wrong. */
const CLOCK_TOLERANCE = 500;
const PER_MS = VIDEO_TIMESCALE / 1000;

/**
 * Cuts a stream into files that play by themselves: each begins with a key picture and what a decoder must know, its times begin at 0,
 * and the time of day stands in front of every fragment. Pure: it says what is to be written.
 */
export class SegmentMaker {
  readonly #limits: SegmentLimits;
  #samples = new VideoSamples();
  #video: VideoParameters | undefined;
  #pending: Mp4Sample[] = [];
  #open: { base: number; startedAt: number; clock: number; bytes: number } | undefined;
  #sequence = 0;

  constructor(limits: Partial<SegmentLimits> = {}) {
    this.#limits = { ...SEGMENT_LIMITS, ...limits };
  }

  /**
   * The next picture.
   * @param clock Unix milliseconds minus `performance.now()`: how the time of day follows from a picture's arrival
   */
  push(unit: AccessUnit, clock: number): SegmentStep[] {
    const timed = this.#samples.push(unit);
    if (!timed) return [];
    const { sample, discontinuity } = timed;
    const steps: SegmentStep[] = [];
    if (this.#open && this.#mustEnd(unit, sample, discontinuity, clock)) steps.push(...this.end());
    if (!this.#open) {
      if (!sample.key) return steps;
      const data = initSegment({ video: unit.video });
      if (!data) return steps;
      const startedAt = Math.round(clock + unit.receivedAt);
      this.#open = { base: sample.dts, startedAt, clock, bytes: data.length };
      this.#video = unit.video;
      this.#sequence = 0;
      steps.push({ do: 'begin', video: unit.video, startedAt, data });
    }
    const [first] = this.#pending;
    const { fragment } = this.#limits;
    if (first && (sample.key || sample.dts - first.dts >= fragment * PER_MS)) steps.push(...this.#flush());
    this.#pending.push(sample);
    return steps;
  }

  #mustEnd(unit: AccessUnit, sample: Mp4Sample, discontinuity: boolean, clock: number): boolean {
    const open = this.#open!;
    const length = (sample.dts - open.base) / PER_MS;
    if (discontinuity || unit.video !== this.#video || length >= this.#limits.mostLength) return true;
    if (Math.abs(clock - open.clock) > CLOCK_TOLERANCE) return sample.key;
    return sample.key && (length >= this.#limits.length || open.bytes >= this.#limits.bytes);
  }

  /** What waits is written now, as a fragment of its own. */
  #flush(): SegmentStep[] {
    const open = this.#open;
    const [first] = this.#pending;
    if (!open || !first) return [];
    const samples = this.#pending.map((sample) => ({
      ...sample,
      dts: sample.dts - open.base,
      pts: sample.pts - open.base,
    }));
    this.#pending = [];
    const last = samples.at(-1)!;
    const media = first.dts - open.base;
    const time = producerTime(VIDEO_TRACK, open.startedAt + media / PER_MS, media);
    const runs = [{ track: VIDEO_TRACK, samples }];
    const data = Buffer.concat([time, fragmentOfTracks({ sequence: ++this.#sequence, runs })]);
    open.bytes += data.length;
    return [{ do: 'append', data, until: open.startedAt + (last.dts + last.duration) / PER_MS }];
  }

  /** The recording stops, or the stream is interrupted: nothing is left behind. */
  end(): SegmentStep[] {
    if (!this.#open) return [];
    const steps: SegmentStep[] = [...this.#flush(), { do: 'end' }];
    this.#open = undefined;
    this.#pending = [];
    return steps;
  }
}
