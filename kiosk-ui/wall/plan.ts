import type { Layout, Tile, Wall } from '../../daemon/schema.ts';
import { gridOfAll } from './grid.ts';
import { nextTurn, type Turn } from './turn.ts';

/** What the wall shows, as configured. */
export interface Configuration {
  cameras: readonly string[];
  wall: Wall;
  /** Of the wall's sequence, by name; one that was deleted is missing. */
  layouts: ReadonlyMap<string, Layout>;
}

export interface Scene {
  /** Place in the sequence; 0 where there is none. */
  turn: Turn;
  tiles: Tile[];
}

/**
 * The tiles to show now. Layouts of the sequence that are not there are passed over; without any the wall shows every
 * camera in an even grid for a screen of that aspect ratio. `held`: somebody looks at one camera in full screen.
 */
export function sceneAt(
  { cameras, wall, layouts }: Configuration,
  turn: Turn,
  now: number,
  held: boolean,
  aspect: number,
): Scene {
  const sequence = wall.sequence.flatMap(({ layout, dwell_seconds }) => {
    const found = layouts.get(layout);
    return found ? [{ tiles: found.tiles, dwell: dwell_seconds }] : [];
  });
  if (sequence.length === 0) return { turn: { index: 0, since: now }, tiles: gridOfAll(cameras, aspect) };
  const current = nextTurn(turn, sequence.length, sequence[turn.index]?.dwell ?? 0, now, held);
  return { turn: current, tiles: sequence[current.index]?.tiles ?? [] };
}
