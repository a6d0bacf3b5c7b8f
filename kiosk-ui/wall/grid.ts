import type { Tile } from '../../daemon/schema.ts';

/** Position and size in unit coordinates of the screen. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Nearly every camera's picture. */
const PICTURE_ASPECT = 16 / 9;

/** A layout has no more tiles either; further cameras take turns. */
const MOST_TILES = 64;

/**
 * `n` equal tiles in rows from the top left, in the arrangement that shows 16:9 pictures largest on a screen of the
 * given aspect ratio (width / height).
 */
export function evenGrid(n: number, aspect: number): Rect[] {
  let columns = 1;
  let largest = 0;
  for (let candidate = 1; candidate <= n; candidate++) {
    const rows = Math.ceil(n / candidate);
    const pictureWidth = Math.min(aspect / candidate, PICTURE_ASPECT / rows);
    // Of two equally good arrangements the one with more columns: people read in rows.
    if (pictureWidth > largest * 0.999) {
      largest = pictureWidth;
      columns = candidate;
    }
  }
  const rows = Math.ceil(n / columns);
  return Array.from({ length: n }, (_, i) => ({
    x: (i % columns) / columns,
    y: Math.floor(i / columns) / rows,
    width: 1 / columns,
    height: 1 / rows,
  }));
}

/** The wall when nobody has made a layout: every camera, in the order in which they were added. */
export function gridOfAll(cameras: readonly string[], aspect: number): Tile[] {
  const rects = evenGrid(Math.min(cameras.length, MOST_TILES), aspect);
  return rects.map((rect, i) => ({
    ...rect,
    cameras: cameras.filter((_, camera) => camera % rects.length === i),
  }));
}

/**
 * A layout made for a wide screen would be stamps on an upright phone: there its tiles go in reading order into two
 * columns, large ones across both, empty ones nowhere, and the page scrolls. Heights are in units of the screen's height, so the last
 * tiles may lie below 1. `aspect` is the phone's width / height.
 */
export function phoneColumns(tiles: readonly Tile[], aspect: number): Rect[] {
  const order = tiles.map((_, i) => i).sort((a, b) => tiles[a]!.y - tiles[b]!.y || tiles[a]!.x - tiles[b]!.x);
  const result: Rect[] = new Array(tiles.length);
  let y = 0;
  let right = false;
  for (const i of order) {
    if (tiles[i]!.cameras.length === 0) {
      result[i] = { x: 0, y: 0, width: 0, height: 0 };
      continue;
    }
    const wide = tiles[i]!.width > 0.4;
    const width = wide ? 1 : 0.5;
    const height = (width * aspect) / PICTURE_ASPECT;
    if (wide && right) {
      y += (0.5 * aspect) / PICTURE_ASPECT;
      right = false;
    }
    result[i] = { x: right ? 0.5 : 0, y, width, height };
    if (wide || right) y += height;
    right = !wide && !right;
  }
  return result;
}
