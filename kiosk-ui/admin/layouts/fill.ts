/** Which camera is in which tile. Pure. */
import type { Tile } from '../../../daemon/schema.ts';
import { contentOf, type Draft, inReadingOrder, MOST_CAMERAS, placeOf, withTile } from './draft.ts';

/** Instead of what was there, or in turn with it. */
export function withCamera(draft: Draft, id: number, camera: string, how: 'replace' | 'add'): Draft {
  return withTile(draft, id, (tile) => {
    const others = how === 'replace' ? [] : tile.cameras.filter((one) => one !== camera);
    return { ...tile, cameras: [...others, camera].slice(-MOST_CAMERAS) };
  });
}

export function withoutCamera(draft: Draft, id: number, camera: string): Draft {
  return withTile(draft, id, (tile) => ({ ...tile, cameras: tile.cameras.filter((one) => one !== camera) }));
}

/** `undefined` leaves a setting to the wall. */
export function withSetting<Key extends 'dwell_seconds' | 'fit' | 'stream'>(
  draft: Draft,
  id: number,
  key: Key,
  value: Tile[Key],
): Draft {
  return withTile(draft, id, (tile) => {
    const { [key]: _, ...content } = contentOf(tile);
    return {
      id,
      ...placeOf(tile),
      cameras: tile.cameras,
      ...content,
      ...(value === undefined ? {} : { [key]: value }),
    };
  });
}

export function withOrder(draft: Draft, id: number, cameras: readonly string[]): Draft {
  return withTile(draft, id, (tile) => ({ ...tile, cameras: [...cameras] }));
}

/** Cameras that no tile shows. */
export function unused({ tiles }: Pick<Draft, 'tiles'>, cameras: readonly string[]): string[] {
  const used = new Set(tiles.flatMap((tile) => tile.cameras));
  return cameras.filter((camera) => !used.has(camera));
}

/**
 * Every camera that is not shown yet: one to each empty tile in reading order; when there are more cameras than empty
 * tiles, the rest take turns in the smallest tiles, where a change disturbs least.
 */
export function filled(draft: Draft, cameras: readonly string[]): Draft {
  const waiting = unused(draft, cameras);
  const empty = inReadingOrder(draft.tiles.filter((tile) => tile.cameras.length === 0));
  const given = new Map<number, string[]>();
  for (const tile of empty) {
    const camera = waiting.shift();
    if (camera !== undefined) given.set(tile.id, [camera]);
  }
  if (waiting.length > 0 && draft.tiles.length > 0) {
    const area = (tile: { width: number; height: number }) => tile.width * tile.height;
    const least = Math.min(...draft.tiles.map(area));
    const smallest = inReadingOrder(draft.tiles.filter((tile) => area(tile) < least * 1.01));
    for (const [n, camera] of waiting.entries()) {
      const { id, cameras: own } = smallest[n % smallest.length]!;
      given.set(id, [...(given.get(id) ?? own), camera].slice(0, MOST_CAMERAS));
    }
  }
  return {
    ...draft,
    tiles: draft.tiles.map((tile) => ({ ...tile, cameras: given.get(tile.id) ?? tile.cameras })),
  };
}
