/** How far the box's clock is from the page's. Pure. */

/** Samples that are kept: a minute's worth. Clocks drift by milliseconds in it, less than the network's whims. */
const KEPT = 12;

interface Sample {
  /** Milliseconds to be added to the page's clock. */
  offset: number;
  /** Of the question and its answer. The offset is wrong by half of it at most. */
  roundTrip: number;
}

/**
 * The sample with the shortest round trip counts: it waited least in queues, and half of it is the bound of its error. The
 * page's clock is `performance.now()`, which nobody sets.
 */
export class ClockOffset {
  #samples: Sample[] = [];
  #best: Sample | undefined;

  /** @param askedAt, heardAt the page's clock @param boxTime the box's clock in between */
  sample(askedAt: number, boxTime: number, heardAt: number): void {
    const roundTrip = Math.max(0, heardAt - askedAt);
    const sample = { offset: boxTime - (askedAt + roundTrip / 2), roundTrip };
    const best = this.#best;
    // Two right samples overlap within their errors. Where they do not, the box's clock was set.
    const apart = best && Math.abs(best.offset - sample.offset) - (best.roundTrip + roundTrip) / 2;
    if (apart !== undefined && apart > DRIFT) this.#samples = [];
    this.#samples.push(sample);
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.#best = this.#samples.reduce((a, b) => (b.roundTrip <= a.roundTrip ? b : a));
  }

  /** Milliseconds; undefined before the first sample. */
  get offset(): number | undefined {
    return this.#best?.offset;
  }

  /** Of the sample that counts. */
  get roundTrip(): number | undefined {
    return this.#best?.roundTrip;
  }

  /** The box's clock, Unix milliseconds, when the page's is `now`. */
  boxTime(now: number): number | undefined {
    return this.#best && now + this.#best.offset;
  }
}

/** Milliseconds that two honest clocks may have drifted apart between samples, with those that round their times. */
const DRIFT = 5;
