import { randomInt } from 'node:crypto';
import { isSameSecret, newSecret, sha256 } from './secrets.ts';

/** Seconds that a code is shown. */
const CODE_LIFE = 600;
/** Seconds between the right code and the new password. */
const GRANT_LIFE = 600;
/** Wrong guesses that a code survives, less one. */
const GUESSES = 5;
/** Seconds. Each wrong guess behind the first five doubles the pause before the next. */
const LONGEST_PAUSE = 300;
/** Seconds without a wrong guess after which they are forgotten. */
const MEMORY = 3_600;
/** Phones that may be on their way to a password at the same time. */
const MOST_GRANTS = 8;

export type Guess = { grant: string; expires: number } | { wait: number } | 'wrong';

/**
 * The first sign-in of a new box: who can read the six digits on its screen stands before it.
 *
 * Somebody who guesses all day gets 300 of a million right or wrong, against a code that changes with every fifth; the
 * pauses are for everybody, as the code is, but for the screen itself.
 */
export class Pairing {
  readonly #now: () => number;
  #code = '';
  #expires = Number.NEGATIVE_INFINITY;
  #wrong = 0;
  #lastWrong = Number.NEGATIVE_INFINITY;
  /** SHA-256 → until when. */
  readonly #grants = new Map<string, number>();

  /** @param now Unix seconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What the screen shows at the moment. `expires`: Unix seconds. */
  current(): { code: string; expires: number } {
    if (this.#now() >= this.#expires || this.#expires - this.#now() > CODE_LIFE) this.#renew();
    return { code: this.#code, expires: this.#expires };
  }

  /** @param local from the screen itself: it reads the code anyway, and nobody else can make it wait */
  guess(code: string, local: boolean): Guess {
    const now = this.#now();
    if (now - this.#lastWrong > MEMORY) this.#wrong = 0;
    const pause = this.#pause();
    // A clock that was set back must not make it longer.
    const wait = Math.min(this.#lastWrong + pause - now, pause);
    if (wait > 0 && !local) return { wait };
    if (!isSameSecret(code, this.current().code)) {
      this.#wrong++;
      this.#lastWrong = now;
      if (this.#wrong % GUESSES === 0) this.#renew();
      return 'wrong';
    }
    // One code, one phone: whoever read it over a shoulder comes too late.
    this.#renew();
    const grant = newSecret();
    const expires = now + GRANT_LIFE;
    this.#grants.set(sha256(grant), expires);
    if (this.#grants.size > MOST_GRANTS) this.#grants.delete(this.#grants.keys().next().value as string);
    return { grant, expires };
  }

  isGranted(grant: string): boolean {
    return (this.#grants.get(sha256(grant)) ?? 0) > this.#now();
  }

  /** The box is paired: no grant is of use any more, and no code is shown. */
  finish(): void {
    this.#grants.clear();
    this.#expires = Number.NEGATIVE_INFINITY;
  }

  #pause(): number {
    const over = this.#wrong - GUESSES;
    return over < 0 ? 0 : Math.min(2 ** Math.min(over + 1, 30), LONGEST_PAUSE);
  }

  #renew(): void {
    this.#code = String(randomInt(1_000_000)).padStart(6, '0');
    this.#expires = this.#now() + CODE_LIFE;
  }
}
