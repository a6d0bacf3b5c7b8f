import { Compile } from 'typebox/compile';
import { PageEvent } from '../schema.ts';

/** Bytes of one message of a page. 128 tiles are 16 KiB; the socket itself refuses longer ones. */
export const MOST_SAID = 32 * 1024;

const compiled = Compile(PageEvent);

/** What a page said; undefined for what is no message of ours. Total. */
export function readPageEvent(text: string): PageEvent | undefined {
  if (text.length > MOST_SAID) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return compiled.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Messages that a page may send at once, and each second in the long run. Ours sends one a second. */
const WORDS = { atOnce: 40, perSecond: 4 };
/** What is no message of ours counts for so many: a newer page may say something that we do not know. */
const GARBAGE = 4;

/** How much a page may still say. `now` in milliseconds. */
export class WordBudget {
  readonly #words: typeof WORDS;
  #left: number;
  #at: number;

  constructor(now: number, words: typeof WORDS = WORDS) {
    this.#words = words;
    this.#left = words.atOnce;
    this.#at = now;
  }

  /** @returns false: it says too much */
  spend(understood: boolean, now: number): boolean {
    const { atOnce, perSecond } = this.#words;
    this.#left = Math.min(atOnce, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    this.#left -= understood ? 1 : GARBAGE;
    return this.#left >= 0;
  }
}
