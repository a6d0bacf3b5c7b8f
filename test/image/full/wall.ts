/** Whether the wall is on the machine's screen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../e2e/until.ts';
import type { Picture } from '../picture.ts';
import { notLive, picturesOf } from '../tiles.ts';
import type { Machine } from './machine.ts';

export interface WallIsAliveOptions {
  /** Where the last picture is put. */
  save: string;
  /** Milliseconds. */
  limit: number;
  /** Gets each picture that is looked at. */
  note?: ((picture: Picture) => void) | undefined;
}

/**
 * Waits until each of two by two tiles shows another live picture than a moment before.
 * @returns when it was seen, `performance.now()`
 * @throws with what is wrong with which tile
 */
export async function wallIsAlive(
  machine: Machine,
  { save, limit, note }: WallIsAliveOptions,
): Promise<number> {
  let last: Picture | undefined;
  let faults: string[] = [];
  return until(
    'the wall is alive',
    async () => {
      const now = await machine.screen(save);
      note?.(now);
      const before = last;
      last = now;
      faults = notLive(before, now, picturesOf(2, 2, now));
      if (before !== undefined && faults.length === 0) return performance.now();
      await sleep(1000);
      return undefined;
    },
    limit,
  ).catch((error) => {
    throw new Error(`${error.message}: ${faults.join(', ')}`);
  });
}
