/** When the sound that comes out of a transcoder is heard, from when what went in is. Pure. */
import type { AudioFrame } from '../frame.ts';

/** Input that is remembered (ms of sound): more than a child ever holds back. */
const KEPT = 10_000;

export interface SoundPlace {
  /** Milliseconds, of the clock of the input's `mediaTime`. */
  readonly mediaTime: number;
  /** `performance.now()` milliseconds: when what it begins with arrived. */
  readonly receivedAt: number;
}

interface Mark extends SoundPlace {
  /** Where it begins in all that went in (ms of sound). */
  readonly from: number;
}

/** Positions in what a child was fed, counted, to the times of the frames that it was fed. */
export class SoundPlaces {
  #marks: Mark[] = [];
  #fed = 0;

  /** Milliseconds of sound that went in. */
  get fed(): number {
    return this.#fed;
  }

  /** @param duration milliseconds of sound in its bytes */
  add({ mediaTime, receivedAt }: Pick<AudioFrame, 'mediaTime' | 'receivedAt'>, duration: number): void {
    this.#marks.push({ from: this.#fed, mediaTime, receivedAt });
    this.#fed += duration;
    while (this.#marks.length > 1 && this.#marks[1]!.from < this.#fed - KEPT) this.#marks.shift();
  }

  /** Where `position` (ms of sound since the beginning) lies; undefined before the beginning and for what was forgotten. */
  at(position: number): SoundPlace | undefined {
    const mark = this.#marks.findLast(({ from }) => from <= position);
    if (!mark) return undefined;
    return { mediaTime: mark.mediaTime + position - mark.from, receivedAt: mark.receivedAt };
  }
}
