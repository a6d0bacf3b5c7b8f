/** A stream's times without holes and without steps back. Pure. Seconds. */

/**
 * Browsers drop every picture up to the next key picture when one comes later than twice the duration of the one before
 * (Media Source Extensions, coded frame processing, step 8): a camera that slows down in the dark, or one lost picture, would cost
 * seconds. Less than that, for times are rounded.
 */
const LONGEST_STEP = 1.9;

/** A picture of unknown duration takes so long where it takes the place of a step back. */
const USUAL = 0.04;

export class GaplessTime {
  /** To be added to the stream's own times. */
  #shift = 0;
  #last: { time: number; duration: number | undefined } | undefined;

  /**
   * When a picture is to be decoded: at its own time, moved by the holes before it.
   * @param duration of the picture; undefined: not known
   */
  place(decode: number, duration: number | undefined): number {
    const last = this.#last;
    let time = decode + this.#shift;
    if (last) {
      const step = time - last.time;
      const usual = last.duration ?? USUAL;
      const isHole = last.duration !== undefined && step > LONGEST_STEP * last.duration;
      if (step <= 0 || isHole) time = last.time + usual;
      this.#shift = time - decode;
    }
    this.#last = { time, duration: duration || undefined };
    return time;
  }
}
