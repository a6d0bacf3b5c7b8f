import type { AudioFrame, AudioParameters } from '../frame.ts';
import { AudioSamples } from './audioSamples.ts';
import { fragment, type Mp4Sample } from './fragment.ts';
import { AUDIO_TRACK, audioTimescale, initSegment } from './initSegment.ts';
import type { MediaClock } from './mediaClock.ts';

export interface SoundFragment {
  /** `init`: an initialization segment; what follows needs it. `sound`: a fragment. */
  readonly kind: 'init' | 'sound';
  readonly data: Buffer;
  /** RFC 6381. */
  readonly codec: string;
  /** When its first sample is heard, milliseconds on the daemon's timeline; of an `init`, that of the sample after it. */
  readonly time: number;
}

/** Milliseconds of sound in a fragment at least: ten messages a second, and no more delay than people bear. */
const LEAST = 100;
/** What rounding to samples takes. */
const ROUNDING = 0.5;

/** Packs the sound of a stream (AAC, Opus) for those who listen live: some frames in a fragment, one fragment after the other. */
export class SoundFragments {
  readonly #samples: AudioSamples;
  #audio: AudioParameters | undefined;
  #init: SoundFragment | undefined;
  #open: { samples: Mp4Sample[]; time: number; codec: string; timescale: number } | undefined;
  #sequence = 0;

  /** `clock`: of the pictures that the sound belongs to. */
  constructor(clock: MediaClock) {
    this.#samples = new AudioSamples(clock);
  }

  /** For those who join. */
  get init(): SoundFragment | undefined {
    return this.#init;
  }

  /** What is complete with this frame, behind an initialization segment where its parameters are others than before. */
  push(frame: AudioFrame): SoundFragment[] {
    const { audio } = frame;
    const codec = audio.codecString;
    if (codec === undefined) return [];
    const parts: SoundFragment[] = [];
    const timed = this.#samples.push(frame);
    if (timed === undefined) return [];
    const { samples, presentedAt: time, discontinuity } = timed;
    if (discontinuity || audio !== this.#audio) parts.push(...this.flush());
    if (audio !== this.#audio) {
      const data = initSegment({ audio });
      this.#audio = audio;
      this.#init = data && { kind: 'init', data, codec, time };
      if (this.#init) parts.push(this.#init);
    }
    if (!this.#init) return parts;
    const timescale = audioTimescale(audio);
    this.#open ??= { samples: [], time, codec, timescale };
    this.#open.samples.push(...samples);
    const units = this.#open.samples.reduce((sum, { duration }) => sum + duration, 0);
    if ((units * 1000) / timescale >= LEAST - ROUNDING) parts.push(...this.flush());
    return parts;
  }

  /** What is under way: no more follows it closely. */
  flush(): SoundFragment[] {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return [];
    const { samples, codec, time } = open;
    const data = fragment({ sequence: ++this.#sequence, track: AUDIO_TRACK, samples });
    return [{ kind: 'sound', data, codec, time }];
  }
}
