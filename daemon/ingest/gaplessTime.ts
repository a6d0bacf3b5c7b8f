/** Frames follow one another without gap while that is no more than this (ms) from their time: see ITU-R BT.1359. */
const TOLERANCE = 40;

/**
 * Lets frames of sound follow one another without gap or overlap, as they were encoded, although their times jitter:
 * cheap cameras stamp them when they get to it, and every sender report puts them elsewhere by some milliseconds.
 * Never runs backwards.
 */
export class GaplessTime {
  /** Where the last frame ended. */
  #end: number | undefined;
  #behind = false;

  /**
   * When a frame begins whose own time is `time`; undefined: it is to be left out, because its time was filled already
   * or lies before the first picture. `missing`: frames were lost just before it, so that a gap is one.
   */
  place(time: number, duration: number, missing: boolean): number | undefined {
    const end = this.#end ?? (time < 0 ? undefined : time);
    if (end === undefined) return undefined;
    const ahead = time - end;
    if (ahead > (missing ? 0 : TOLERANCE)) return this.#take(time, duration);
    // Once behind, frames are left out until the next one fits in best.
    this.#behind = ahead < (this.#behind ? -duration / 2 : -TOLERANCE);
    return this.#behind ? undefined : this.#take(end, duration);
  }

  #take(time: number, duration: number): number {
    this.#behind = false;
    this.#end = time + duration;
    return time;
  }
}
