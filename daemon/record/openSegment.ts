import type { AudioParameters, VideoParameters } from '../frame.ts';
import { fragmentOfTracks, type Mp4Sample } from '../mp4/fragment.ts';
import {
  AUDIO_TRACK,
  audioTimescale,
  initSegment,
  VIDEO_TIMESCALE,
  VIDEO_TRACK,
} from '../mp4/initSegment.ts';
import { producerTime } from '../mp4/producerTime.ts';
import type { SegmentStep } from './segmentMaker.ts';

const PER_MS = VIDEO_TIMESCALE / 1000;
/** Milliseconds by which a file may miss the time of day for it to follow the one before without a gap. */
const JOIN_TOLERANCE = 100;
/** Seconds of sound that wait for a picture; a camera whose pictures stand still must not fill the memory. */
const MOST_SOUND = 30;

export interface SegmentBeginning {
  video: VideoParameters;
  /** Sound that was there a moment ago, and will go on. */
  audio: AudioParameters | undefined;
  /** Decoding time of the first picture. */
  base: number;
  /** Unix milliseconds minus `performance.now()`. */
  clock: number;
  /** The file that this one continues. */
  follows?: OpenSegment | undefined;
  /** See `SegmentStep`. */
  again?: Buffer | undefined;
}

/**
 * One file of a recording as it grows: what waits for the next fragment, and what the file begins with. That is written with the first
 * fragment only: by then it is known whether the camera sends sound, and how much its first pictures came late.
 */
export class OpenSegment {
  readonly video: VideoParameters;
  readonly base: number;
  readonly clock: number;
  bytes = 0;
  #audio: AudioParameters | undefined;
  #follows: OpenSegment | undefined;
  #again: Buffer | undefined;
  #pictures: Mp4Sample[] = [];
  #sound: Mp4Sample[] = [];
  #sequence = 0;
  /** Unix milliseconds of media time 0; undefined before the first fragment. */
  #startedAt: number | undefined;
  /** Of the pictures so far: how much sooner than the timeline says the soonest one came (ms, not positive as a rule). */
  #soonest = Number.POSITIVE_INFINITY;

  constructor({ video, audio, base, clock, follows, again }: SegmentBeginning) {
    this.video = video;
    this.base = base;
    this.clock = clock;
    this.#audio = audio;
    this.#follows = follows;
    this.#again = again;
  }

  get hasSound(): boolean {
    return this.#audio !== undefined;
  }

  /** Units of 1/90000 s since the oldest picture that waits. */
  waited(dts: number): number {
    return dts - (this.#pictures[0]?.dts ?? dts);
  }

  get hasPictures(): boolean {
    return this.#pictures.length > 0;
  }

  /** @param lateness milliseconds between its arrival and where it is on the timeline */
  see(sample: Mp4Sample, lateness: number): void {
    this.#pictures.push(sample);
    if (this.#startedAt === undefined) this.#soonest = Math.min(this.#soonest, lateness);
  }

  /** Where the file's sound begins, in units of its track. */
  soundBase(audio: AudioParameters): number {
    return Math.round((this.base * audioTimescale(audio)) / VIDEO_TIMESCALE);
  }

  /** @param samples none before `soundBase` @returns false: the file has no such sound, and cannot have it any more */
  hear(audio: AudioParameters, samples: readonly Mp4Sample[]): boolean {
    if (this.#startedAt === undefined && this.#sound.length === 0) this.#audio = audio;
    if (this.#audio === undefined || !isSame(this.#audio, audio)) return false;
    this.#sound.push(...samples);
    const [first] = this.#sound;
    const last = this.#sound.at(-1);
    if (first && last && last.dts - first.dts > MOST_SOUND * audioTimescale(audio)) this.#sound = [];
    return true;
  }

  /** What waits is written now, as a fragment of its own. */
  flush(): SegmentStep[] {
    const [first] = this.#pictures;
    const last = this.#pictures.at(-1);
    if (!first || !last) return [];
    const steps = this.#begin();
    const startedAt = this.#startedAt ?? 0;
    const media = first.dts - this.base;
    const runs = [{ track: VIDEO_TRACK, samples: moved(this.#pictures, this.base) }];
    if (this.#audio && this.#sound.length > 0)
      runs.push({ track: AUDIO_TRACK, samples: moved(this.#sound, this.soundBase(this.#audio)) });
    this.#pictures = [];
    this.#sound = [];
    const time = producerTime(VIDEO_TRACK, startedAt + media / PER_MS, media);
    const data = Buffer.concat([time, fragmentOfTracks({ sequence: ++this.#sequence, runs })]);
    this.bytes += data.length;
    const until = startedAt + (last.dts + last.duration - this.base) / PER_MS;
    return [...steps, { do: 'append', data, until }];
  }

  #begin(): SegmentStep[] {
    if (this.#startedAt !== undefined) return [];
    const { video } = this;
    let data = initSegment({ video, audio: this.#audio });
    if (!data) {
      this.#audio = undefined;
      data = initSegment({ video });
    }
    if (!data) throw new TypeError('a segment of pictures that MP4 does not take');
    this.bytes += data.length;
    this.#startedAt = this.#timeOfDay();
    this.#follows = undefined;
    const again = this.#again;
    this.#again = undefined;
    return [{ do: 'begin', video, startedAt: this.#startedAt, data, ...(again && { again }) }];
  }

  /** Of media time 0. Cameras send the first pictures of a session late: the one that came the soonest tells the time. */
  #timeOfDay(): number {
    const found = Math.round(this.clock + this.base / PER_MS + this.#soonest);
    const before = this.#follows;
    if (!before || before.#startedAt === undefined) return found;
    const joined = Math.round(before.#startedAt + (this.base - before.base) / PER_MS);
    return Math.abs(found - joined) <= JOIN_TOLERANCE ? joined : found;
  }
}

function moved(samples: readonly Mp4Sample[], base: number): Mp4Sample[] {
  return samples.map((sample) => ({ ...sample, dts: sample.dts - base, pts: sample.pts - base }));
}

/** A new session of the same camera brings new objects of the same content. */
export function isSame(a: AudioParameters, b: AudioParameters): boolean {
  if (a === b) return true;
  const sameConfig = a.config === b.config || (a.config && b.config && a.config.equals(b.config));
  return a.codec === b.codec && a.sampleRate === b.sampleRate && a.channels === b.channels && !!sameConfig;
}
