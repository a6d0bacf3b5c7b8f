/** Moving, resizing, joining and dividing tiles. No two ever overlap, and none leaves the screen. Pure. */
import type { Rect } from '../../wall/grid.ts';
import {
  boundsOf,
  type Cells,
  cellsOf,
  contains,
  FINEST_GRID,
  isOnGrid,
  largestFree,
  overlap,
  rectOf,
  TOLERANCE,
} from './cells.ts';
import {
  contentOf,
  type Draft,
  type DraftTile,
  inReadingOrder,
  isFree,
  MOST_CAMERAS,
  MOST_TILES,
  nextId,
  placeOf,
  sameRect,
  tileOf,
  withTile,
} from './draft.ts';
import { type Orientation, PRESETS, type Preset, preset } from './presets.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

const STEP: Record<Direction, { x: number; y: number }> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
};

function inside({ x, y, w, h }: Cells, grid: number): boolean {
  return x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= grid && y + h <= grid;
}

/** The tile at a point of the screen, in unit coordinates. */
export function tileAt(draft: Draft, at: { x: number; y: number }, but?: number): DraftTile | undefined {
  return draft.tiles.find((tile) => tile.id !== but && contains(tile, at));
}

/** Into free cells. */
export function moved(draft: Draft, id: number, cells: Cells): Draft {
  const rect = rectOf(cells, draft.grid);
  if (!inside(cells, draft.grid) || !isFree(draft, rect, [id])) return draft;
  return withTile(draft, id, (tile) => ({ ...tile, ...rect }));
}

/** Two tiles show each other’s cameras; the places stay. */
export function swapped(draft: Draft, a: number, b: number): Draft {
  const [first, second] = [tileOf(draft, a), tileOf(draft, b)];
  if (!first || !second || a === b) return draft;
  const tiles = draft.tiles.map((tile) => {
    const other = tile.id === a ? second : tile.id === b ? first : undefined;
    return other ? { id: tile.id, ...placeOf(tile), ...contentOf(other) } : tile;
  });
  return { ...draft, tiles };
}

/** To that place and size; the others give way: each keeps the largest rest of itself, and vanishes when nothing is left. */
export function resized(draft: Draft, id: number, cells: Cells): Draft {
  if (!inside(cells, draft.grid) || !tileOf(draft, id)) return draft;
  const rect = rectOf(cells, draft.grid);
  const tiles = draft.tiles.flatMap((tile) => {
    if (tile.id === id) return { ...tile, ...rect };
    if (!overlap(tile, rect)) return tile;
    const rest = largestRest(tile, rect);
    return rest ? { ...tile, ...rest } : [];
  });
  return { ...draft, tiles };
}

function largestRest(tile: Rect, taken: Rect): Rect | undefined {
  const right = tile.x + tile.width;
  const bottom = tile.y + tile.height;
  const strips = [
    { x: tile.x, y: tile.y, width: taken.x - tile.x, height: tile.height },
    {
      x: taken.x + taken.width,
      y: tile.y,
      width: right - (taken.x + taken.width),
      height: tile.height,
    },
    { x: tile.x, y: tile.y, width: tile.width, height: taken.y - tile.y },
    {
      x: tile.x,
      y: taken.y + taken.height,
      width: tile.width,
      height: bottom - (taken.y + taken.height),
    },
  ].filter(({ width, height }) => width > TOLERANCE && height > TOLERANCE);
  return strips.sort((a, b) => b.width * b.height - a.width * a.height)[0];
}

/** One step by key: into free cells, else past the neighbour by exchanging cameras. `id`: the tile to go on with. */
export function nudged(draft: Draft, id: number, direction: Direction): { draft: Draft; id: number } {
  const tile = tileOf(draft, id);
  if (!tile) return { draft, id };
  const cells = cellsOf(tile, draft.grid);
  const step = STEP[direction];
  const next = moved(draft, id, { ...cells, x: cells.x + step.x, y: cells.y + step.y });
  if (next !== draft) return { draft: next, id };
  const beside = neighbour(draft, tile, direction);
  return beside ? { draft: swapped(draft, id, beside.id), id: beside.id } : { draft, id };
}

/** The tile that lies next in that direction and overlaps this one’s row or column the most. */
function neighbour(draft: Draft, tile: DraftTile, direction: Direction): DraftTile | undefined {
  const across = direction === 'left' || direction === 'right';
  const forward = direction === 'right' || direction === 'down';
  const start = (rect: Rect) => (across ? rect.x : rect.y);
  const end = (rect: Rect) => (across ? rect.x + rect.width : rect.y + rect.height);
  const shared = (rect: Rect) =>
    across
      ? Math.min(rect.y + rect.height, tile.y + tile.height) - Math.max(rect.y, tile.y)
      : Math.min(rect.x + rect.width, tile.x + tile.width) - Math.max(rect.x, tile.x);
  const gap = (rect: Rect) => (forward ? start(rect) - end(tile) : start(tile) - end(rect));
  return draft.tiles
    .filter((other) => other.id !== tile.id && gap(other) > -TOLERANCE && shared(other) > TOLERANCE)
    .sort((a, b) => {
      const nearer = gap(a) - gap(b);
      return Math.abs(nearer) > TOLERANCE ? nearer : shared(b) - shared(a);
    })[0];
}

/** Right and down make it larger, left and up smaller; at the screen’s edge it grows to the other side. */
export function stretched(draft: Draft, id: number, direction: Direction): Draft {
  const tile = tileOf(draft, id);
  if (!tile) return draft;
  const { grid } = draft;
  const cells = cellsOf(tile, grid);
  const { x, y } = STEP[direction];
  const next = { ...cells, w: cells.w + x, h: cells.h + y };
  if (next.x + next.w > grid) next.x--;
  if (next.y + next.h > grid) next.y--;
  return resized(draft, id, next);
}

/** One tile over all of these and over what lies between them; their cameras take turns. */
export function merged(draft: Draft, ids: readonly number[]): { draft: Draft; id: number } | undefined {
  let joined = draft.tiles.filter(({ id }) => ids.includes(id));
  if (joined.length < 2) return undefined;
  for (;;) {
    const bounds = boundsOf(joined);
    const more = draft.tiles.filter((tile) => overlap(tile, bounds));
    if (more.length === joined.length) break;
    joined = more;
  }
  const [first] = inReadingOrder(joined);
  const cameras = [...new Set(inReadingOrder(joined).flatMap((tile) => tile.cameras))].slice(0, MOST_CAMERAS);
  const rest = joined.map(({ id }) => id).filter((id) => id !== first!.id);
  const tiles = draft.tiles
    .filter(({ id }) => !rest.includes(id))
    .map((tile) => (tile.id === first!.id ? { ...tile, ...boundsOf(joined), cameras } : tile));
  return { draft: { ...draft, tiles }, id: first!.id };
}

/** Into so many equal parts; its cameras are dealt out to them. The grid becomes finer where that needs it. */
export function divided(draft: Draft, id: number, across: number, down: number): Draft | undefined {
  const tile = tileOf(draft, id);
  if (!tile || draft.tiles.length + across * down - 1 > MOST_TILES) return undefined;
  const factor = [1, 2, 3, 4, 5].find((candidate) => {
    const { w, h } = cellsOf(tile, draft.grid * candidate);
    return draft.grid * candidate <= FINEST_GRID && w % across === 0 && h % down === 0;
  });
  // Off the lines there is nothing to keep to, and cells would jut out over the neighbours.
  const onLines = isOnGrid(tile, draft.grid);
  if (onLines && factor === undefined) return undefined;
  const grid = draft.grid * (onLines ? (factor ?? 1) : 1);
  const { x, y, w, h } = cellsOf(tile, grid);
  const parts = across * down;
  const first = nextId(draft);
  const made = Array.from({ length: parts }, (_, n): DraftTile => {
    const cells = { w: w / across, h: h / down };
    const column = n % across;
    const row = Math.floor(n / across);
    const width = tile.width / across;
    const height = tile.height / down;
    return {
      ...tile,
      ...(onLines
        ? rectOf({ x: x + column * cells.w, y: y + row * cells.h, ...cells }, grid)
        : { x: tile.x + column * width, y: tile.y + row * height, width, height }),
      id: n === 0 ? id : first + n - 1,
      cameras: tile.cameras.filter((_, i) => i % parts === n),
    };
  });
  return { ...draft, grid, tiles: draft.tiles.flatMap((one) => (one.id === id ? made : one)) };
}

export function removed(draft: Draft, ids: readonly number[]): Draft {
  return { ...draft, tiles: draft.tiles.filter(({ id }) => !ids.includes(id)) };
}

/** An empty tile in these cells, or in the largest free place. Undefined when there is none. */
export function added(
  draft: Draft,
  cells: Cells | undefined = largestFree(draft.tiles, draft.grid),
): { draft: Draft; id: number } | undefined {
  if (!cells || !inside(cells, draft.grid) || draft.tiles.length >= MOST_TILES) return undefined;
  const rect = rectOf(cells, draft.grid);
  if (!isFree(draft, rect)) return undefined;
  const id = nextId(draft);
  return { draft: { ...draft, tiles: [...draft.tiles, { ...rect, cameras: [], id }] }, id };
}

/** Another arrangement; what the tiles show goes into the new ones in the same order, what finds no place is left out. */
export function rearranged(draft: Draft, count: Preset): Draft {
  const { grid, rects } = preset(count, draft.orientation);
  const contents = draft.tiles.filter(({ cameras }) => cameras.length > 0).map(contentOf);
  const tiles = rects.map((rect, id) => ({ id, ...rect, ...(contents[id] ?? { cameras: [] }) }));
  return { ...draft, grid, tiles };
}

/** Which arrangement this is, if it is one. */
export function presetOf(draft: Draft): Preset | undefined {
  return PRESETS.find((count) => {
    const { rects } = preset(count, draft.orientation);
    return (
      rects.length === draft.tiles.length && rects.every((rect) => draft.tiles.some((t) => sameRect(t, rect)))
    );
  });
}

/** For a screen that is turned. An arrangement by number becomes the one of that number for such a screen. */
export function turned(draft: Draft, orientation: Orientation): Draft {
  const count = presetOf(draft);
  const next = { ...draft, orientation };
  return count === undefined ? next : rearranged(next, count);
}
