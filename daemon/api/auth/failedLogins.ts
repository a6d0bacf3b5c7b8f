/** Seconds. */
const WINDOW = 60;
/** Entries of the audit log a minute, all kinds of failures together. */
const MOST = 10;

/**
 * Which failed sign-ins are written down: of each kind one a minute, and not many altogether, so that a flood neither
 * fills the disk nor washes the other entries out of the log.
 */
export class FailedLogins {
  readonly #seen = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;
  #left = 0;

  /**
   * @param now Unix seconds
   * @returns undefined: not to be written; else how many were left out before this one
   */
  note(kind: string, now: number): number | undefined {
    if (now - this.#since >= WINDOW || now < this.#since) {
      this.#since = now;
      this.#seen.clear();
    }
    if (this.#seen.has(kind) || this.#seen.size >= MOST) {
      this.#left++;
      return undefined;
    }
    this.#seen.add(kind);
    const left = this.#left;
    this.#left = 0;
    return left;
  }
}
