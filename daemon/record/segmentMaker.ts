import type { AccessUnit, AudioFrame, AudioParameters, VideoParameters } from '../frame.ts';
import { AudioSamples } from '../mp4/audioSamples.ts';
import type { Mp4Sample } from '../mp4/fragment.ts';
import { initSegment, VIDEO_TIMESCALE } from '../mp4/initSegment.ts';
import { type TimedSample, VideoSamples } from '../mp4/videoSamples.ts';
import { OpenSegment } from './openSegment.ts';

/** What is to be done with the file of a recording. */
export type SegmentStep =
  /**
   * Another file begins with this; its first fragment follows at once. `again`: its first picture, which came before this process
   * began, so that another one may have written it.
   */
  | { do: 'begin'; video: VideoParameters; startedAt: number; data: Buffer; again?: Buffer | undefined }
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
/** Milliseconds since the last sound after which nobody knows whether there will be more. */
const SOUND_GONE = 2_000;

/**
 * Cuts a stream into files that play by themselves: each begins with a key picture and what a decoder must know, its times begin at 0,
 * and the time of day stands in front of every fragment. Media time runs with the time of day: what is shown at media time t came t
 * after `startedAt`. Sound is in the file whose time it belongs to, so that of one that ends may still come when its successor has begun.
 * Pure: it says what is to be written.
 */
export class SegmentMaker {
  readonly #limits: SegmentLimits;
  #samples = new VideoSamples();
  #sound = new AudioSamples(this.#samples.clock);
  #open: OpenSegment | undefined;
  /** It has all its pictures, and waits for the last of its sound. */
  #closing: OpenSegment | undefined;
  #heard: { audio: AudioParameters; at: number } | undefined;
  /** The camera sends sound that the open file cannot take. */
  #otherSound = false;

  constructor(limits: Partial<SegmentLimits> = {}) {
    this.#limits = { ...SEGMENT_LIMITS, ...limits };
  }

  /**
   * The next picture.
   * @param clock Unix milliseconds minus `performance.now()`: how the time of day follows from a picture's arrival
   */
  push(unit: AccessUnit, clock: number): SegmentStep[] {
    const steps: SegmentStep[] = [];
    let timed = this.#samples.push(unit);
    if (timed && (timed.discontinuity || (this.#open && unit.video !== this.#open.video))) {
      steps.push(...this.end());
      timed = this.#samples.push(unit);
    }
    if (!timed) return steps;
    const { sample } = timed;
    const before = this.#open;
    if (before && this.#mustEnd(before, sample, clock)) {
      if (sample.key) steps.push(...this.#close(before));
      else return this.end();
    }
    const open = this.#open ?? this.#begin(unit, timed, clock, before);
    if (!open) return steps;
    const due = open.hasPictures && open.waited(sample.dts) >= this.#limits.fragment * PER_MS;
    if (due || (sample.key && open.hasPictures)) steps.push(...this.#finish(), ...open.flush());
    open.see(sample, unit.receivedAt - timed.presentedAt);
    return steps;
  }

  /** Such sound is on its way: a file that begins now has a track for it. @param at `performance.now()` milliseconds */
  expectSound(audio: AudioParameters, at: number): void {
    this.#heard = { audio, at };
    this.#open?.hear(audio, []);
  }

  /** The next sound. What MP4 does not take is left out. */
  pushSound(frame: AudioFrame): SegmentStep[] {
    const open = this.#open;
    const { audio } = frame;
    if (!open || !isTaken(audio)) return [];
    const timed = this.#sound.push(frame);
    if (!timed) return [];
    this.#heard = { audio, at: frame.receivedAt };
    const steps: SegmentStep[] = [];
    const base = open.soundBase(audio);
    const late = timed.samples.filter(({ dts }) => dts < base);
    const samples = timed.samples.filter(({ dts }) => dts >= base);
    const closing = this.#closing;
    if (closing) {
      const earliest = closing.soundBase(audio);
      const its = late.filter(({ dts }) => dts >= earliest);
      if ((its.length > 0 && !closing.hear(audio, its)) || samples.length > 0) steps.push(...this.#finish());
    }
    if (samples.length === 0) return steps;
    // The duration of sound in front of a gap must not be stretched over it: audioSamples.ts.
    if (timed.discontinuity) steps.push(...this.#finish(), ...open.flush());
    if (!open.hear(audio, samples)) this.#otherSound = true;
    return steps;
  }

  #mustEnd(open: OpenSegment, sample: Mp4Sample, clock: number): boolean {
    const length = (sample.dts - open.base) / PER_MS;
    if (length >= this.#limits.mostLength) return true;
    if (!sample.key) return false;
    if (Math.abs(clock - open.clock) > CLOCK_TOLERANCE || this.#otherSound) return true;
    return length >= this.#limits.length || open.bytes >= this.#limits.bytes;
  }

  #begin(
    { video, receivedAt }: AccessUnit,
    { sample }: TimedSample,
    clock: number,
    before: OpenSegment | undefined,
  ): OpenSegment | undefined {
    if (!sample.key || !initSegment({ video })) return undefined;
    const heard = this.#heard;
    const audio = heard && receivedAt - heard.at < SOUND_GONE ? heard.audio : undefined;
    const follows = before && Math.abs(clock - before.clock) <= CLOCK_TOLERANCE ? before : undefined;
    this.#otherSound = false;
    const again = receivedAt < 0 ? sample.data : undefined;
    this.#open = new OpenSegment({ video, audio, base: sample.dts, clock, follows, again });
    return this.#open;
  }

  /** The file has all its pictures. */
  #close(open: OpenSegment): SegmentStep[] {
    const steps = this.#finish();
    this.#closing = open;
    this.#open = undefined;
    return open.hasSound ? steps : [...steps, ...this.#finish()];
  }

  /** Nothing more comes for the file before. */
  #finish(): SegmentStep[] {
    const closing = this.#closing;
    if (!closing) return [];
    this.#closing = undefined;
    return [...closing.flush(), { do: 'end' }];
  }

  /** The recording stops, or the stream is interrupted: nothing is left behind. What comes next has times of its own. */
  end(): SegmentStep[] {
    const steps = this.#finish();
    if (this.#open) steps.push(...this.#open.flush(), { do: 'end' });
    this.#open = undefined;
    this.#heard = undefined;
    this.#otherSound = false;
    this.#samples = new VideoSamples();
    this.#sound = new AudioSamples(this.#samples.clock);
    return steps;
  }
}

const taken = new WeakMap<AudioParameters, boolean>();

/** MP4 takes it. Known once for all frames that share the object. */
function isTaken(audio: AudioParameters): boolean {
  const known = taken.get(audio);
  if (known !== undefined) return known;
  const takes = audio.codecString !== undefined && initSegment({ audio }) !== undefined;
  taken.set(audio, takes);
  return takes;
}
