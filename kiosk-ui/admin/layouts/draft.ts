/** A layout while it is edited. Every change is a pure function from draft to draft; what cannot be done changes nothing. */
import type { LayoutBody, Tile } from '../../../daemon/schema.ts';
import type { Rect } from '../../wall/grid.ts';
import { gridFor, overlap, TOLERANCE } from './cells.ts';
import type { Orientation } from './presets.ts';

export interface DraftTile extends Tile {
  /** Within this draft; stays the same while the tile is moved. */
  id: number;
}

export interface Draft {
  orientation: Orientation;
  /** Cells across and down. Tiles off its lines stay where they are until somebody touches them. */
  grid: number;
  tiles: readonly DraftTile[];
}

/** The daemon takes no more. */
export const MOST_TILES = 64;
export const MOST_CAMERAS = 64;

export function draftOf({ tiles, orientation = 'landscape' }: LayoutBody): Draft {
  return { orientation, grid: gridFor(tiles), tiles: tiles.map((tile, id) => ({ ...tile, id })) };
}

/** As it is saved. Landscape goes without saying, and so does what a tile leaves open. */
export function bodyOf({ tiles, orientation }: Draft): LayoutBody {
  return {
    tiles: tiles.map(({ id, ...tile }) => tile),
    ...(orientation === 'landscape' ? {} : { orientation }),
  };
}

/** Whether both look the same on the wall. */
export function sameBody(a: LayoutBody, b: LayoutBody): boolean {
  return (
    (a.orientation ?? 'landscape') === (b.orientation ?? 'landscape') &&
    a.tiles.length === b.tiles.length &&
    a.tiles.every((tile, i) => sameTile(tile, b.tiles[i]!))
  );
}

function sameTile(a: Tile, b: Tile): boolean {
  return (
    sameRect(a, b) &&
    a.cameras.join() === b.cameras.join() &&
    (a.dwell_seconds ?? 10) === (b.dwell_seconds ?? 10) &&
    (a.fit ?? 'contain') === (b.fit ?? 'contain') &&
    (a.stream ?? 'auto') === (b.stream ?? 'auto')
  );
}

export function sameRect(a: Rect, b: Rect): boolean {
  return (['x', 'y', 'width', 'height'] as const).every((key) => Math.abs(a[key] - b[key]) < TOLERANCE);
}

export const tileOf = (draft: Draft, id: number): DraftTile | undefined =>
  draft.tiles.find((tile) => tile.id === id);

/** Tiles in the order in which people read them. */
export function inReadingOrder<T extends Rect>(tiles: readonly T[]): T[] {
  return [...tiles].sort((a, b) => (Math.abs(a.y - b.y) > TOLERANCE ? a.y - b.y : a.x - b.x));
}

export function nextId({ tiles }: Draft): number {
  return Math.max(-1, ...tiles.map(({ id }) => id)) + 1;
}

export function isFree(draft: Draft, rect: Rect, but: readonly number[] = []): boolean {
  return draft.tiles.every((tile) => but.includes(tile.id) || !overlap(tile, rect));
}

/** What a tile shows and how, without its place. */
export type Content = Pick<Tile, 'cameras' | 'dwell_seconds' | 'fit' | 'stream'>;

export function contentOf({ cameras, dwell_seconds, fit, stream }: Tile): Content {
  return {
    cameras,
    ...(dwell_seconds === undefined ? {} : { dwell_seconds }),
    ...(fit === undefined ? {} : { fit }),
    ...(stream === undefined ? {} : { stream }),
  };
}

export const placeOf = ({ x, y, width, height }: Rect): Rect => ({ x, y, width, height });

export function withTile(draft: Draft, id: number, change: (tile: DraftTile) => DraftTile): Draft {
  return { ...draft, tiles: draft.tiles.map((tile) => (tile.id === id ? change(tile) : tile)) };
}
