import type { Layout, Tile, Wall } from '../../daemon/schema.ts';
import { gridOfAll } from './grid.ts';
import type { Turn } from './turn.ts';

/** What the wall shows, as configured. */
export interface Configuration {
  cameras: readonly string[];
  wall: Wall;
  /** Of all screens, by number. */
  walls: ReadonlyMap<number, Wall>;
  /** Of the wall's sequences, by name; one that was deleted is missing. */
  layouts: ReadonlyMap<string, Layout>;
  /** The layout that the page's address names and that is not there. */
  missing?: string | undefined;
}

/** Which layout of which sequence is on the wall, since when (milliseconds of the page's clock). */
export interface Place extends Turn {
  /** Index in the schedule; -1: the usual sequence. */
  entry: number;
}

export const FIRST_PLACE: Place = { entry: -1, index: 0, since: 0 };

/** The moment and what people do. Milliseconds of the page's clock. */
export interface Circumstances {
  now: number;
  /** Of the schedule, at this time of day. */
  entry: number;
  /** Somebody looks at one camera in full screen, or holds the rotation. */
  held: boolean;
  /** The next layout's pictures are there. */
  ready: boolean;
  /** Width ÷ height of the screen. */
  aspect: number;
}

export interface Scene {
  place: Place;
  /** Name of the layout; null: every camera in an even grid. */
  layout: string | null;
  tiles: Tile[];
  /** How many layouts take turns. */
  count: number;
  /** The layout that comes next by itself, and when; undefined when none does. */
  next: { tiles: Tile[]; due: number } | undefined;
}

/** Milliseconds that the next layout's pictures are waited for; then it is shown as it is. */
export const TURN_WAIT = 5_000;

function sequenceOf(
  { wall, layouts }: Configuration,
  entry: number,
): { layout: string; tiles: Tile[]; dwell: number }[] {
  const sequence = wall.schedule?.[entry]?.sequence ?? wall.sequence;
  return sequence.flatMap(({ layout, dwell_seconds }) => {
    const found = layouts.get(layout);
    return found ? [{ layout, tiles: found.tiles, dwell: dwell_seconds * 1000 }] : [];
  });
}

/**
 * The tiles to show now. Layouts of the sequence that are not there are passed over; without any the wall shows every
 * camera in an even grid for a screen of that aspect ratio.
 */
export function sceneAt(configuration: Configuration, before: Place, circumstances: Circumstances): Scene {
  const { now, held, ready, aspect } = circumstances;
  // The hours change nothing under somebody's eyes, unless what he looks at is there no more.
  const stays = held && (before.entry < 0 || configuration.wall.schedule?.[before.entry] !== undefined);
  const entry = stays ? before.entry : circumstances.entry;
  const sequence = sequenceOf(configuration, entry);
  const begin = { entry, index: 0, since: now };
  if (sequence.length === 0) {
    const tiles = gridOfAll(configuration.cameras, aspect);
    return { place: begin, layout: null, tiles, count: 0, next: undefined };
  }
  let place = entry === before.entry && before.index < sequence.length ? before : begin;
  if (held) place = { ...place, since: now };
  const late = now - place.since - sequence[place.index]!.dwell;
  if (sequence.length > 1 && late >= (ready ? 0 : TURN_WAIT)) {
    place = { entry, index: (place.index + 1) % sequence.length, since: now };
  }
  const current = sequence[place.index]!;
  const next = sequence[(place.index + 1) % sequence.length]!;
  const turns = sequence.length > 1 && !held;
  return {
    place,
    layout: current.layout,
    tiles: current.tiles,
    count: sequence.length,
    next: turns ? { tiles: next.tiles, due: place.since + current.dwell } : undefined,
  };
}

/** `tiles` with the camera on the largest one, unless it already is as large. Of equal ones the first is taken. */
export function promoted(tiles: readonly Tile[], camera: string): Tile[] {
  const area = (tile: Tile) => tile.width * tile.height;
  let largest = 0;
  for (const [i, tile] of tiles.entries()) if (area(tile) > area(tiles[largest]!) + 1e-6) largest = i;
  const shown = tiles.some(
    (tile) =>
      tile.cameras.length === 1 && tile.cameras[0] === camera && area(tile) >= area(tiles[largest]!) - 1e-6,
  );
  if (shown) return [...tiles];
  return tiles.map((tile, i) => (i === largest ? { ...tile, cameras: [camera] } : tile));
}

/** Whether another layout is on the wall. */
export const hasTurned = (before: Place, { entry, index }: Place): boolean =>
  entry !== before.entry || index !== before.index;

/** Names of all layouts that the wall may show at some hour. */
export function layoutsOf({ sequence, schedule = [] }: Wall): string[] {
  const all = [sequence, ...schedule.map((entry) => entry.sequence)].flat();
  return [...new Set(all.map(({ layout }) => layout))];
}
