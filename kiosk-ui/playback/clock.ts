/** The deck's time: stands, runs at a speed, waits for videos that are not there yet. Pure; Unix seconds and milliseconds. */

/** Longer ones are a page that was asleep. */
const LONGEST_STEP = 500;
/** A camera that takes longer is left behind. */
const PATIENCE = 8_000;

export class DeckClock {
  at: number;
  playing = false;
  speed = 1;
  #lastTick: number | undefined;
  #waitingSince: number | undefined;

  constructor(at: number) {
    this.at = at;
  }

  set(at: number): void {
    this.at = at;
    this.#waitingSince = undefined;
  }

  /**
   * One step on.
   * @param now milliseconds of the page's clock
   * @param ready whether everything that is looked at has its picture
   */
  tick(now: number, ready: boolean): void {
    const passed = Math.min(now - (this.#lastTick ?? now), LONGEST_STEP);
    this.#lastTick = now;
    if (ready) this.#waitingSince = undefined;
    else this.#waitingSince ??= now;
    if (!this.playing) return;
    if (this.#waitingSince !== undefined && now - this.#waitingSince < PATIENCE) return;
    this.at += (passed / 1000) * this.speed;
  }
}
