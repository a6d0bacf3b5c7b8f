import { signal } from '@preact/signals';
import type { SteppedDown } from '../../daemon/schema.ts';
import { moment, time } from '../i18n/format.ts';
import { say, type WallText } from '../i18n/wallTexts.ts';
import { type Problem, type ProblemKind, pagesOf, problemsOf, type Trouble } from './problems.ts';

/** Milliseconds for which one page of problems stays. */
const PAGE = 6_000;

const ONE: Record<ProblemKind, WallText> = {
  gone: 'problemGone',
  frozen: 'problemFrozen',
  unchanged: 'problemUnchanged',
  refused: 'problemRefused',
  busy: 'problemBusy',
  unsupported: 'problemUnsupported',
};
const SEVERAL: Record<ProblemKind, WallText> = {
  gone: 'problemsGone',
  frozen: 'problemsFrozen',
  unchanged: 'problemsUnchanged',
  refused: 'problemsRefused',
  busy: 'problemsBusy',
  unsupported: 'problemsUnsupported',
};

export interface StripFacts {
  /** Milliseconds: of the page's clock, and Unix. */
  now: number;
  unixNow: number;
  troubles: readonly Trouble[];
  /** What the box says of itself; empty: nothing. */
  news: string;
  clock: boolean;
  /** CSS pixels of the screen. */
  width: number;
  height: number;
}

/** The line at the bottom: what is wrong, for whoever comes to the wall now, and the time of day. */
export class Strip {
  /** Empty: all is well. */
  readonly texts = signal<readonly string[]>([]);
  /** Which of how many pages is shown. */
  readonly page = signal({ number: 1, of: 1 });
  readonly clock = signal('');
  /** What the box leaves out of all pictures, because it cannot decode more. */
  steppedDown: SteppedDown | null = null;
  #since = 0;
  #all = '';

  tick({ now, unixNow, troubles, news, clock, width, height }: StripFacts): void {
    this.clock.value = clock ? time(unixNow / 1000) : '';
    const problems = problemsOf(troubles).map((problem) => sentence(problem, unixNow));
    const all = [...(news === '' ? [] : [news]), ...problems, ...this.#leftOut(unixNow)];
    // Letters are narrower than high; the sign in front, the page's number and the clock take some of it.
    const letter = 0.62 * Math.min(Math.max(Math.min(0.02 * height, 0.034 * width), 13), 34);
    const pages = pagesOf(all, width / letter - (clock ? 13 : 7));
    const key = JSON.stringify(pages);
    if (key !== this.#all) {
      this.#all = key;
      this.#since = now;
    }
    const index = pages.length > 1 ? Math.floor((now - this.#since) / PAGE) % pages.length : 0;
    const texts = pages[index] ?? [];
    if (texts.join('\n') !== this.texts.peek().join('\n')) this.texts.value = texts;
    const page = this.page.peek();
    if (page.number !== index + 1 || page.of !== pages.length) {
      this.page.value = { number: index + 1, of: pages.length };
    }
  }

  #leftOut(unixNow: number): string[] {
    if (!this.steppedDown) return [];
    const { fps_percent: rate, since } = this.steppedDown;
    return [say('steppedDown', { rate, time: moment(since, unixNow / 1000) })];
  }
}

function sentence({ kind, name, count, since }: Problem, unixNow: number): string {
  const when = moment(since, unixNow / 1000);
  return name === undefined
    ? say(SEVERAL[kind], { count, time: when })
    : say(ONE[kind], { name, time: when });
}
