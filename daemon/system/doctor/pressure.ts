/** Pressure stall information: the share of time in which work stood still for want of something. Pure and total. */

export interface Stall {
  /** Percent of the last 10, 60 and 300 seconds. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** `some`: at least one task waited · `full`: all of them did, so nothing went on. */
export interface Pressure {
  readonly some?: Stall;
  readonly full?: Stall;
}

/** @param text /proc/pressure/cpu, memory or io (Documentation/accounting/psi.rst) */
export function parsePressure(text: string): Pressure {
  const found: { some?: Stall; full?: Stall } = {};
  for (const row of text.split('\n')) {
    const [, kind, a, b, c] =
      /^(some|full) avg10=(\d{1,3}(?:\.\d+)?) avg60=(\d{1,3}(?:\.\d+)?) avg300=(\d{1,3}(?:\.\d+)?)\b/.exec(
        row,
      ) ?? [];
    if (kind === 'some' || kind === 'full')
      found[kind] = { avg10: Number(a), avg60: Number(b), avg300: Number(c) };
  }
  return found;
}
