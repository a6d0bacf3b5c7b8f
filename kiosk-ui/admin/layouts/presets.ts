/** The arrangements that installers ask for by number. Pure. */
import type { Rect } from '../../wall/grid.ts';
import { type Cells, rectOf } from './cells.ts';

export type Orientation = 'landscape' | 'portrait';

export const PRESETS = [1, 4, 6, 8, 9, 10, 13, 16, 25] as const;
export type Preset = (typeof PRESETS)[number];

/** Width ÷ height of the screen. */
export const ASPECT: Record<Orientation, number> = { landscape: 16 / 9, portrait: 9 / 16 };

interface Arrangement {
  grid: number;
  cells: Cells[];
}

/** Rows of equal tiles from the top; `[count, height in cells]`. */
function rows(grid: number, ...list: readonly (readonly [number, number])[]): Arrangement {
  const cells: Cells[] = [];
  let y = 0;
  for (const [count, h] of list) {
    const w = grid / count;
    for (let n = 0; n < count; n++) cells.push({ x: n * w, y, w, h });
    y += h;
  }
  return { grid, cells };
}

const even = (side: number, grid: number): Arrangement =>
  rows(grid, ...Array.from({ length: side }, () => [side, grid / side] as const));

/** A large tile at the top left, small ones down the right edge and then along the bottom. */
function focus(side: number): Arrangement {
  const unit = 12 / side;
  const far = 12 - unit;
  const small = (x: number, y: number) => ({ x, y, w: unit, h: unit });
  return {
    grid: 12,
    cells: [
      { x: 0, y: 0, w: far, h: far },
      ...Array.from({ length: side - 1 }, (_, n) => small(far, n * unit)),
      ...Array.from({ length: side }, (_, n) => small(n * unit, far)),
    ],
  };
}

/** A large tile in the middle and twelve around it. */
function middle(): Arrangement {
  const { grid, cells } = even(4, 12);
  const ring = cells.filter(({ x, y }) => !(x > 0 && x < 9 && y > 0 && y < 9));
  return { grid, cells: [{ x: 3, y: 3, w: 6, h: 6 }, ...ring] };
}

const LANDSCAPE: Record<Preset, () => Arrangement> = {
  1: () => even(1, 12),
  4: () => even(2, 12),
  6: () => focus(3),
  8: () => focus(4),
  9: () => even(3, 12),
  10: () => rows(12, [2, 6], [4, 3], [4, 3]),
  13: middle,
  16: () => even(4, 12),
  25: () => even(5, 20),
};

/** An upright screen is filled best by 16:9 pictures one above the other, the important ones across its whole width. */
const PORTRAIT: Record<Preset, () => Arrangement> = {
  1: () => even(1, 12),
  4: () => rows(12, [1, 3], [1, 3], [1, 3], [1, 3]),
  6: () => rows(12, [1, 4], [1, 4], [2, 2], [2, 2]),
  8: () => rows(12, [2, 3], [2, 3], [2, 3], [2, 3]),
  9: () => rows(12, [1, 4], [2, 2], [2, 2], [2, 2], [2, 2]),
  10: () => rows(20, [2, 4], [2, 4], [2, 4], [2, 4], [2, 4]),
  13: () => rows(12, [1, 4], [3, 2], [3, 2], [3, 2], [3, 2]),
  16: () => rows(24, ...Array.from({ length: 8 }, () => [2, 3] as const)),
  25: () => rows(12, [1, 4], ...Array.from({ length: 8 }, () => [3, 1] as const)),
};

/** The tiles of an arrangement, the most important first, and the grid on which they lie. */
export function preset(count: Preset, orientation: Orientation): { grid: number; rects: Rect[] } {
  const { grid, cells } = (orientation === 'portrait' ? PORTRAIT : LANDSCAPE)[count]();
  return { grid, rects: cells.map((one) => rectOf(one, grid)) };
}

/** The smallest arrangement with room for so many; the largest where none has. */
export function presetFor(cameras: number): Preset {
  return PRESETS.find((count) => count >= cameras) ?? 25;
}
