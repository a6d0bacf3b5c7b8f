/** Whether a stream is asked for its sound. Pure: the caller brings the clock. */

/** How long a camera that did not survive the question is not asked again; milliseconds. */
const FORGIVEN_AFTER = 600_000;
/** Sessions in a row that had sound and never gave a picture. One may be a camera that was still starting. */
const FRUITLESS = 2;

export interface SoundTrial {
  /** Sound was asked for. */
  readonly asked: boolean;
  /** The connection did not survive the question, or PLAY was refused because of it. */
  readonly refused: boolean;
  /** Sound was set up. */
  readonly setUp: boolean;
  /** A picture came. */
  readonly picture: boolean;
}

/** Sound must never cost the pictures: where a session with sound gives none, the next ones go without. */
export class SoundTrust {
  #fruitless = 0;
  /** Not asked before this time. */
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, of any clock that only goes forward */
  asks(now: number): boolean {
    return now >= this.#notBefore;
  }

  /** A session is over. */
  ended({ asked, refused, setUp, picture }: SoundTrial, now: number): void {
    if (!asked) return;
    if (refused) this.#notBefore = now + FORGIVEN_AFTER;
    else if (picture || !setUp) this.#fruitless = 0;
    else if (++this.#fruitless >= FRUITLESS) {
      this.#fruitless = 0;
      this.#notBefore = now + FORGIVEN_AFTER;
    }
  }

  /** It is another camera, or somebody did something about it. */
  reset(): void {
    this.#fruitless = 0;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }
}
