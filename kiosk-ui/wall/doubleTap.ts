/** Milliseconds and CSS pixels between two taps that belong together. */
const LONGEST = 400;
const FARTHEST = 40;

/** Tells double taps and double clicks from single ones; touch screens do not all send `dblclick`. */
export class DoubleTap<Target> {
  #last: { target: Target; x: number; y: number; time: number } | undefined;

  /** True for the second of two taps on the same target. Position in CSS pixels, time in milliseconds. */
  tap(target: Target, x: number, y: number, time: number): boolean {
    const last = this.#last;
    const second =
      last !== undefined &&
      last.target === target &&
      time - last.time <= LONGEST &&
      Math.hypot(x - last.x, y - last.y) <= FARTHEST;
    // A third tap begins anew, so that three taps do not open and close.
    this.#last = second ? undefined : { target, x, y, time };
    return second;
  }
}
