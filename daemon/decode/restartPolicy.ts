/** Why a child ended, as far as it matters for what comes next. */
export type ChildEnd =
  | { readonly kind: 'planned' } // other parameter sets, other frame rate: nobody's fault
  | { readonly kind: 'failed'; readonly hardware: boolean; readonly hung?: boolean };

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;
const HEALTHY_AFTER_MS = 30_000;
/** A planned restart of a child younger than this counts as a failure: a stream must not be able to make us spawn without end. */
const YOUNGEST_PLANNED_MS = 1000;
const HARDWARE_FAILURES = 3;
const FIRST_PATIENCE_MS = 3000;
const LONGEST_PATIENCE_MS = 60_000;

/**
 * When to start the next child, and whether in hardware. Pure: told of every end.
 *
 * The first restart comes at once, so that one crash costs a moment; then 0.2, 0.4, … 5 s. After 30 s of health all is forgotten.
 * Three failures of hardware children in a row, and this rendition decodes in software from then on.
 *
 * A child that stays silent is hung, or starved: on a machine that is starting sixteen of them, ending it makes them all start
 * for ever. So the next one has twice the time.
 */
export class RestartPolicy {
  #failures = 0;
  #hardwareFailures = 0;
  #hung = 0;

  /** True: decode in software although hardware was chosen. */
  get software(): boolean {
    return this.#hardwareFailures >= HARDWARE_FAILURES;
  }

  /** Milliseconds that the next child may owe a picture before it counts as hung: 3, 6, 12 … 60 s. */
  get patience(): number {
    return Math.min(LONGEST_PATIENCE_MS, FIRST_PATIENCE_MS * 2 ** this.#hung);
  }

  /** A child that gave pictures up to its end after `lived` ms, or none (`pictures` 0), ended. Returns the delay in ms. */
  ended(end: ChildEnd, lived: number, pictures: number): number {
    const hadPictures = pictures > 0;
    if (hadPictures && lived >= HEALTHY_AFTER_MS) {
      this.#failures = 0;
      this.#hung = 0;
      if (!this.software) this.#hardwareFailures = 0;
    }
    if (end.kind === 'failed' && end.hung) this.#hung += 1;
    if (end.kind === 'planned' && lived >= YOUNGEST_PLANNED_MS) return 0;
    if (end.kind === 'failed' && end.hardware) {
      this.#hardwareFailures += 1;
      // Software deserves a fresh start.
      if (this.#hardwareFailures === HARDWARE_FAILURES) {
        this.#failures = 0;
        return 0;
      }
    }
    this.#failures += 1;
    if (this.#failures === 1) return 0;
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#failures - 2));
  }
}
