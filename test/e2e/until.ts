import { setTimeout as sleep } from 'node:timers/promises';

type Falsy = false | 0 | '' | null | undefined;

/**
 * Asks until the answer is truthy, and returns it. The limit is generous, for slow machines; what was seen last stands
 * in the error.
 * @param limit milliseconds
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  limit = 30_000,
): Promise<Exclude<T, Falsy>> {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, Falsy>;
    if (performance.now() > end) throw new Error(`not within ${limit / 1000} s: ${what}`);
    await sleep(100);
  }
}
