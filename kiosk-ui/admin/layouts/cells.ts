/** Between unit coordinates, in which layouts are kept, and the cells of the editor’s grid. Pure. */
import type { Rect } from '../../wall/grid.ts';

/** Position and size in cells of a grid of n × n. */
export interface Cells {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** What the editor offers: halves, thirds and quarters; fifths; and all of the first again, finer. */
export const GRIDS = [12, 20, 24] as const;
/** Grids of layouts that were made elsewhere. */
const RARE_GRIDS = [28, 30, 36, 40, 42, 48, 54, 60];
/** Finer ones have cells that nobody hits. */
export const FINEST_GRID = 60;

/** Thirds add up to 1.0000000000000002 in floating point; the daemon allows for the same. */
export const TOLERANCE = 1e-6;

/** Exact: c ÷ n is the same number however the fraction is written, 4 ÷ 12 = 1 ÷ 3. */
export function rectOf({ x, y, w, h }: Cells, grid: number): Rect {
  return { x: x / grid, y: y / grid, width: w / grid, height: h / grid };
}

/** The nearest cells; at least one, and none outside. */
export function cellsOf({ x, y, width, height }: Rect, grid: number): Cells {
  const span = (from: number, size: number) => {
    const start = Math.min(Math.max(Math.round(from * grid), 0), grid - 1);
    const end = Math.min(Math.max(Math.round((from + size) * grid), start + 1), grid);
    return [start, end - start] as const;
  };
  const [left, w] = span(x, width);
  const [top, h] = span(y, height);
  return { x: left, y: top, w, h };
}

export function isOnGrid(rect: Rect, grid: number): boolean {
  const { x, y, width, height } = rectOf(cellsOf(rect, grid), grid);
  return [x - rect.x, y - rect.y, width - rect.width, height - rect.height].every(
    (difference) => Math.abs(difference) < TOLERANCE,
  );
}

/** The coarsest grid on whose lines all of these lie; where there is none, the finest that is offered. */
export function gridFor(rects: readonly Rect[]): number {
  const fits = (grid: number) => rects.every((rect) => isOnGrid(rect, grid));
  return [...GRIDS, ...RARE_GRIDS].find(fits) ?? 24;
}

export function overlap(a: Rect, b: Rect): boolean {
  return (
    a.x < b.x + b.width - TOLERANCE &&
    b.x < a.x + a.width - TOLERANCE &&
    a.y < b.y + b.height - TOLERANCE &&
    b.y < a.y + a.height - TOLERANCE
  );
}

export function contains({ x, y, width, height }: Rect, at: { x: number; y: number }): boolean {
  return at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
}

/** The smallest rectangle around all of them. */
export function boundsOf(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x));
  const y = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** The largest rectangle of cells that none of `rects` touches, the topmost of equal ones; undefined when all are taken. */
export function largestFree(rects: readonly Rect[], grid: number): Cells | undefined {
  const taken = Array.from({ length: grid }, (_, y) =>
    Array.from({ length: grid }, (_, x) =>
      rects.some((rect) => overlap(rect, rectOf({ x, y, w: 1, h: 1 }, grid))),
    ),
  );
  let best: Cells | undefined;
  /** How many free cells lie one above the other, up from this row. */
  const heights = new Array<number>(grid).fill(0);
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) heights[x] = taken[y]![x] ? 0 : heights[x]! + 1;
    for (let x = 0; x < grid; x++) {
      let h = heights[x]!;
      for (let w = 1; h > 0 && x + w <= grid; w++) {
        h = Math.min(h, heights[x + w - 1]!);
        if (h > 0 && w * h > (best ? best.w * best.h : 0)) best = { x, y: y - h + 1, w, h };
      }
    }
  }
  return best;
}
