/**
 * From a microphone's sampling rate to the loudspeaker's. Speech only: what is above half of the new rate is taken out by a
 * windowed sinc, which keeps hissing sounds from coming back as whistling. Pure; keeps what it needs of the samples before.
 */
const ZERO_CROSSINGS = 8;
/** Places between two samples that weights are kept for: the error is below what G.711 rounds away. */
const PLACES = 256;

export class Resampler {
  readonly #step: number;
  readonly #reach: number;
  /** By distance, in places. */
  readonly #weights: Float32Array;
  #before: Float32Array;
  /** Where the next sample to be given out is, counted in samples from the beginning of `#before`. */
  #at: number;

  /** Both in Hz. */
  constructor(from: number, to: number) {
    this.#step = from / to;
    const cutoff = Math.min(1, to / from);
    this.#reach = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#weights = Float32Array.from({ length: this.#reach * PLACES + 1 }, (_, place) =>
      weight(place / PLACES, this.#reach, cutoff),
    );
    this.#before = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** The next samples; those that can be told from what is known so far. 16 bits, signed. */
  push(samples: Int16Array): Int16Array {
    const known = new Float32Array(this.#before.length + samples.length);
    known.set(this.#before);
    known.set(samples, this.#before.length);
    const given: number[] = [];
    for (; this.#at + this.#reach < known.length; this.#at += this.#step) given.push(this.#sample(known));
    const done = Math.max(0, Math.floor(this.#at) - this.#reach);
    this.#before = known.slice(done);
    this.#at -= done;
    return Int16Array.from(given);
  }

  #sample(known: Float32Array): number {
    const first = Math.ceil(this.#at - this.#reach);
    const last = Math.floor(this.#at + this.#reach);
    let sum = 0;
    for (let n = Math.max(0, first); n <= last && n < known.length; n++)
      sum += known[n]! * this.#weights[Math.round(Math.abs(n - this.#at) * PLACES)]!;
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}

/** Of a sample at `distance` samples: a sinc, faded out with its distance. */
function weight(distance: number, reach: number, cutoff: number): number {
  const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach);
  const x = Math.PI * distance * cutoff;
  return window * cutoff * (x === 0 ? 1 : Math.sin(x) / x);
}
