const WINDOW = 2000;

/** Events per second over the last two seconds, without a timer. */
export class RateMeter {
  #since = performance.now();
  #count = 0;
  #rate = 0;

  count(): void {
    const now = performance.now();
    const elapsed = now - this.#since;
    if (elapsed >= WINDOW) {
      this.#rate = (this.#count * 1000) / elapsed;
      this.#since = now;
      this.#count = 0;
    }
    this.#count++;
  }

  /** 0 until the first window is full. */
  get perSecond(): number {
    return performance.now() - this.#since > 2 * WINDOW ? 0 : this.#rate;
  }
}
