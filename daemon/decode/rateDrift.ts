import { rateRatio } from './ffmpegArgs.ts';

const DRIFT = 0.25;
const DRIFT_MS = 10_000;
/** A child that was started before the rate was known is corrected sooner. */
const DRIFT_UNKNOWN_MS = 2000;

/**
 * A frame-rate limit is a fixed ratio in the child's filter. This tells when the source's rate has left the one that the child was
 * started for by more than a quarter for 10 s, so that the child must be replaced.
 */
export class RateDrift {
  readonly #limit: number | undefined;
  readonly #assumed: number | undefined;
  readonly #patience: number;
  #since: number | undefined;

  /**
   * @param limit of the rendition, frames per second; without one there is nothing to drift
   * @param startedFor source rate at the start of the child; undefined: it lets everything through, which is right up to the limit
   */
  constructor(limit: number | undefined, startedFor: number | undefined) {
    this.#limit = limit;
    this.#assumed = startedFor ?? limit;
    this.#patience = startedFor === undefined ? DRIFT_UNKNOWN_MS : DRIFT_MS;
  }

  /** @param measure tells the rate now; asked only where it matters · @param now milliseconds */
  tooFar(measure: () => number | undefined, now: number): boolean {
    if (this.#limit === undefined || this.#assumed === undefined) return false;
    const fps = measure();
    if (fps === undefined) return false;
    // Rates that are both below the limit give the same child.
    const same = rateRatio(this.#limit, fps) === rateRatio(this.#limit, this.#assumed);
    if (same || Math.abs(fps / this.#assumed - 1) <= DRIFT) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    return now - this.#since >= this.#patience;
  }
}
