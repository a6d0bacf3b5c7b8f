/** What is left out of all pictures alike when the box cannot decode all that it is asked for: first of the rate, then of the size. Pure. */
import { outputSize, type Size } from './outputSize.ts';

/** Shares of what was asked for. */
export interface Step {
  readonly fps: number;
  readonly size: number;
}

/** One after the other. A third of the rate costs half as much, about: reading the camera's stream costs the same at any rate. */
export const STEPS: readonly Step[] = [
  { fps: 1, size: 1 },
  { fps: 2 / 3, size: 1 },
  { fps: 1 / 2, size: 1 },
  { fps: 1 / 3, size: 1 },
  { fps: 1 / 3, size: 3 / 4 },
  { fps: 1 / 3, size: 1 / 2 },
];
/** Pictures a second that nobody is brought below. */
export const LEAST_FPS = 5;

export interface Seen {
  readonly decoders: number;
  /** Of all decoders together, counted up since they began. */
  readonly fed: number;
  /** Left out because a decoder was behind. */
  readonly dropped: number;
  /** Share of the processors' time that was used since the last look. */
  readonly busy: number;
}

/** The share that is left out from which the box counts as too slow: a group now and then is a camera's burst. */
const MOST_DROPPED = 0.05;
/** A decoder that is behind while there is time for it is so by its own fault: its camera sends rubbish, or it hangs. */
const BUSY = 0.85;
/** Looks in a row that must say so. */
const LOOKS = 3;
/** Milliseconds after a step, or after somebody came to look, in which decoders begin, which says nothing. */
const SETTLE = 8_000;
/** Milliseconds of calm before a step up, at first and at most; twice as long each time that it was too soon. */
const FIRST_CALM = 30_000;
const LONGEST_CALM = 960_000;

/** Which step the box is at. Told every few seconds what its decoders did; never moves more than one step at a time. */
export class StepDown {
  #level = 0;
  #last: Seen | undefined;
  #behind = 0;
  /** When the step was taken, and since when all is calm; milliseconds. */
  #movedAt = Number.NEGATIVE_INFINITY;
  #settledAt = Number.NEGATIVE_INFINITY;
  #calmSince: number | undefined;
  #calm = FIRST_CALM;
  #movedUp = false;

  get step(): Step {
    return STEPS[this.#level]!;
  }

  /** Milliseconds of the caller's clock; undefined: nothing is left out. */
  get since(): number | undefined {
    return this.#level === 0 ? undefined : this.#movedAt;
  }

  /** @returns the step is another one now */
  look(now: Seen, at: number): boolean {
    const last = this.#last;
    this.#last = now;
    if (!last || now.decoders > last.decoders) this.#settledAt = at + SETTLE;
    // Decoders that ended are not counted any more.
    if (!last || now.fed < last.fed || at < this.#settledAt) return false;
    const dropped = now.dropped - last.dropped;
    const share = dropped / Math.max(dropped + now.fed - last.fed, 1);
    const isBehind = now.busy >= BUSY && share > MOST_DROPPED;
    this.#behind = isBehind ? this.#behind + 1 : 0;
    if (isBehind) this.#calmSince = undefined;
    else this.#calmSince ??= at;
    if (this.#behind >= LOOKS) return this.#down(at);
    if (this.#calmSince === undefined || at - this.#calmSince < this.#calm) return false;
    // It holds here: the next time is a new try.
    if (this.#movedUp) this.#calm = FIRST_CALM;
    this.#movedUp = false;
    return this.#level > 0 && this.#up(at);
  }

  #down(at: number): boolean {
    if (this.#movedUp) this.#calm = Math.min(this.#calm * 2, LONGEST_CALM);
    this.#movedUp = false;
    this.#behind = 0;
    if (this.#level + 1 >= STEPS.length) return false;
    this.#move(this.#level + 1, at);
    return true;
  }

  #up(at: number): boolean {
    this.#move(this.#level - 1, at);
    this.#movedUp = true;
    return true;
  }

  #move(level: number, at: number): void {
    this.#level = level;
    this.#movedAt = at;
    this.#settledAt = at + SETTLE;
    this.#calmSince = undefined;
  }
}

/** Upper bounds of a rendition. */
interface Bounds {
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly quality: number;
}

/** What is asked for, less what the step takes. @param fps of the source; undefined: not known, then its rate is left alone */
export function steppedDown(bounds: Bounds, step: Step, source: Size, fps: number | undefined): Bounds {
  const full = Math.min(bounds.fps ?? Number.POSITIVE_INFINITY, fps ?? Number.POSITIVE_INFINITY);
  const rate =
    step.fps < 1 && Number.isFinite(full)
      ? { fps: Math.max(full * step.fps, Math.min(full, LEAST_FPS)) }
      : {};
  const { width, height } = outputSize(source, bounds);
  const size = step.size < 1 ? { width: width * step.size, height: height * step.size } : {};
  return { ...bounds, ...rate, ...size };
}
