/** Which tiles a layout’s load holds back, by the pictures a second that are left to them. Pure. */
import type { Load } from '../../../daemon/schema.ts';

export interface Held {
  fps: number;
  /** Numbers as on the stage: from 1. */
  tiles: number[];
}

export function heldBack(load: Load): Held[] {
  const byFps = new Map<number, number[]>();
  for (const { index, limited_fps: limited } of load.tiles) {
    if (limited === null) continue;
    // Below one picture a second the fraction matters.
    const fps = limited < 1 ? Math.round(limited * 10) / 10 : Math.round(limited);
    byFps.set(fps, [...(byFps.get(fps) ?? []), index + 1]);
  }
  return [...byFps].map(([fps, tiles]) => ({ fps, tiles })).sort((a, b) => a.fps - b.fps);
}

/** Pictures a second by the index of the tile. */
export function limitsOf(load: Load | undefined): Map<number, number> {
  const limits = new Map<number, number>();
  for (const { fps, tiles } of load ? heldBack(load) : []) for (const n of tiles) limits.set(n - 1, fps);
  return limits;
}
