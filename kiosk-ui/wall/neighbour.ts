import type { Rect } from './grid.ts';

/**
 * Index of the tile that lies next in that direction, as the eye would go: straight on before aside, near before far.
 * Undefined when there is none. `x`, `y`: -1, 0 or 1.
 */
export function neighbour(rects: readonly Rect[], from: number, x: number, y: number): number | undefined {
  const origin = rects[from];
  if (!origin) return undefined;
  let best: number | undefined;
  let least = Infinity;
  for (const [i, rect] of rects.entries()) {
    if (i === from || rect.width === 0) continue;
    const gap =
      x === 0
        ? y * (centre(rect).y - centre(origin).y) - (rect.height + origin.height) / 2
        : x * (centre(rect).x - centre(origin).x) - (rect.width + origin.width) / 2;
    if (gap < -1e-6) continue;
    const aside =
      x === 0
        ? between(rect.x, rect.width, origin.x, origin.width)
        : between(rect.y, rect.height, origin.y, origin.height);
    const distance = Math.max(gap, 0) + 3 * aside;
    // Of equal ones the first in reading order.
    if (distance < least - 1e-6) {
      least = distance;
      best = i;
    }
  }
  return best;
}

function centre({ x, y, width, height }: Rect): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}

/** How far two spans are apart; 0 where they overlap. */
function between(a: number, aLength: number, b: number, bLength: number): number {
  const gap = Math.max(b - (a + aLength), a - (b + bLength));
  return gap > -1e-6 ? Math.max(gap, 0) + 1e-3 : 0;
}
