import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` holds, looking every few milliseconds; fails after a time that only a hung test needs. */
export async function until(
  condition: () => boolean,
  what = condition.toString(),
  limit = 20_000,
): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await sleep(10);
  }
}
