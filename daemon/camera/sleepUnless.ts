import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so many milliseconds, or until `woken` resolves. */
export async function sleepUnless(woken: Promise<void>, milliseconds: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([woken, sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
