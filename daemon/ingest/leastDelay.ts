/** Milliseconds that are looked back on, up to twice as far: long enough for a quiet moment, short beside clocks that drift. */
const WINDOW = 10_000;
/** A clock that gains or loses so much (ms) from window to window, this often in a row, counts in other ticks than was said. */
const ABSURD_STEP = WINDOW / 4;
const ABSURD_STEPS = 2;

/**
 * How far arrival is behind media time at the least, lately: what a network, a big picture or a burst adds is in most
 * packets, but not in all.
 */
export class LeastDelay {
  #since = Number.NEGATIVE_INFINITY;
  #now: number | undefined;
  #before: number | undefined;
  /** Windows in a row by which it went up (or, negative, down) beyond all drift. */
  #steps = 0;

  push(mediaTime: number, arrival: number): void {
    const delay = arrival - mediaTime;
    const age = arrival - this.#since;
    if (age > 2 * WINDOW) {
      this.#before = undefined;
      this.#steps = 0;
    } else if (age > WINDOW) {
      if (this.#before !== undefined && this.#now !== undefined) this.#step(this.#now - this.#before);
      this.#before = this.#now;
    }
    if (age > WINDOW) {
      this.#now = undefined;
      this.#since = arrival;
    }
    this.#now = Math.min(this.#now ?? delay, delay);
  }

  /** Undefined before the first. */
  get value(): number | undefined {
    return this.#now === undefined ? undefined : Math.min(this.#now, this.#before ?? this.#now);
  }

  /** The media time is no time: a network that gets worse and worse does not do this. */
  get absurd(): boolean {
    return Math.abs(this.#steps) >= ABSURD_STEPS;
  }

  #step(by: number): void {
    if (Math.abs(by) <= ABSURD_STEP) this.#steps = 0;
    else this.#steps = Math.sign(by) + (Math.sign(by) === Math.sign(this.#steps) ? this.#steps : 0);
  }
}
