import type { AudioFrame, AudioParameters } from '../frame.ts';
import type { Mp4Sample } from './fragment.ts';
import { audioTimescale } from './initSegment.ts';
import { MediaClock } from './mediaClock.ts';
import { silentFrame } from './silence.ts';

export interface TimedSound {
  /** The frame, behind the silence that was missing before it. One after the other without gap. */
  readonly samples: readonly Mp4Sample[];
  /** Of the first, in milliseconds on the daemon's timeline. */
  readonly presentedAt: number;
  readonly discontinuity: boolean;
}

/** Where sound may be (ms), too early or too late, before something is left out or put in: see ITU-R BT.1359. */
const TOLERANCE = 50;
/** Sound that is missing (ms) and made up for; where more is missing, a session ended. */
const MAX_GAP = 3000;
/** How far (ms) from its arrival sound may be: further, it is of a session whose first picture is still to come. */
const MAX_DISTANCE = 3000;

/**
 * Frames of sound of one stream, across its sessions, as samples of an audio track. Each begins where the one before ends: at
 * a gap between fragments a browser stops the pictures too. Nor may a duration say more than there is to hear: Chromium
 * plays on without a pause then, and the pictures are behind the sound ever after. So silence is put in where sound is missing
 * and frames are left out where there is too much, which is how a camera's drifting clock is made good too.
 */
export class AudioSamples {
  readonly #pictures: MediaClock | undefined;
  readonly #own = new MediaClock();
  /** Of the frame before. */
  #timescale = 0;
  /** Where the next frame begins, in units of the timescale; undefined before the first. */
  #next: number | undefined;
  /** Frames are left out until the clock is where the sound is. */
  #ahead = false;

  /** `pictures`: the clock of the pictures that the sound belongs to; without, the sound has its own. */
  constructor(pictures?: MediaClock) {
    this.#pictures = pictures;
  }

  /** Undefined for what would come too early: sound before the first picture of its session, or too much of it. */
  push(frame: AudioFrame): TimedSound | undefined {
    const due = this.#due(frame);
    if (due === undefined) return undefined;
    const timescale = audioTimescale(frame.audio);
    const units = (ms: number) => Math.round((ms * timescale) / 1000);
    if (this.#next !== undefined && timescale !== this.#timescale)
      this.#next = Math.ceil((this.#next * timescale) / this.#timescale);
    this.#timescale = timescale;

    // What came before this process began is for recordings alone, which count from their own beginning.
    const target = frame.receivedAt < 0 ? units(due) : Math.max(0, units(due));
    const late = target - (this.#next ?? target);
    this.#ahead = late < (this.#ahead ? 0 : -units(TOLERANCE));
    if (this.#ahead) return undefined;
    const discontinuity = late > units(MAX_GAP);
    const begin = this.#next === undefined || discontinuity ? target : this.#next;
    const missing = late > units(TOLERANCE) && !discontinuity ? late : 0;
    const samples = silence(frame.audio, begin, missing);
    const { dts, duration } = samples.at(-1) ?? { dts: begin, duration: 0 };
    // Silence that we have no frames for: then at least no gap.
    const nominal = Math.max(1, units(frame.duration)) + (samples.length === 0 ? missing : 0);
    samples.push(sampleOf(frame.data, dts + duration, nominal));
    this.#next = dts + duration + nominal;
    return { samples, presentedAt: (begin * 1000) / timescale, discontinuity };
  }

  /** Where the frame should be, in milliseconds. */
  #due({ mediaTime, receivedAt }: AudioFrame): number | undefined {
    if (this.#pictures === undefined) return this.#own.at({ mediaTime, receivedAt, key: true }).time;
    const time = this.#pictures.timeOf(mediaTime);
    return time === undefined || Math.abs(time - receivedAt) > MAX_DISTANCE ? undefined : time;
  }
}

/** As many whole frames of silence as fit into `missing` units from `begin` on. */
function silence(audio: AudioParameters, begin: number, missing: number): Mp4Sample[] {
  const frame = silentFrame(audio);
  if (frame === undefined) return [];
  const { data, duration } = frame;
  return Array.from({ length: Math.floor(missing / duration) }, (_, i) =>
    sampleOf(data, begin + i * duration, duration),
  );
}

function sampleOf(data: Buffer, dts: number, duration: number): Mp4Sample {
  return { data, dts, pts: dts, duration, key: true };
}
