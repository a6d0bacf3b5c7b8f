/**
 * Milliseconds to wait before the next attempt after `failures` failed ones: doubled from `first` up to `longest`, with
 * ±20 % jitter so that many pages do not come back in step. `random` is in [0, 1).
 */
export function backoff(failures: number, first: number, longest: number, random: number): number {
  const pause = Math.min(first * 2 ** Math.min(Math.max(failures - 1, 0), 20), longest);
  return pause * (0.8 + 0.4 * random);
}
