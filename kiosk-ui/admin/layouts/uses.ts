/** Where the wall shows a layout, and the wall without it or with another name for it. Pure. */
import type { ScreenWall, Wall } from '../../../daemon/schema.ts';

export interface Uses {
  usual: boolean;
  /** How many entries of the schedule. */
  scheduled: number;
}

export function usesOf({ sequence, schedule = [] }: Wall, name: string): Uses {
  const shows = (list: Wall['sequence']) => list.some(({ layout }) => layout === name);
  return {
    usual: shows(sequence),
    scheduled: schedule.filter((entry) => shows(entry.sequence)).length,
  };
}

/** The same of all screens that have a programme of their own. */
export function usesOnWalls(walls: readonly ScreenWall[], name: string): Uses {
  const uses = walls.filter(({ own }) => own).map(({ wall }) => usesOf(wall, name));
  return {
    usual: uses.some(({ usual }) => usual),
    scheduled: uses.reduce((sum, { scheduled }) => sum + scheduled, 0),
  };
}

export const isUsed = ({ usual, scheduled }: Uses): boolean => usual || scheduled > 0;

function withSequences(wall: Wall, change: (list: Wall['sequence']) => Wall['sequence']): Wall {
  return {
    ...wall,
    sequence: change(wall.sequence),
    ...(wall.schedule
      ? { schedule: wall.schedule.map((entry) => ({ ...entry, sequence: change(entry.sequence) })) }
      : {}),
  };
}

/** Entries of the schedule that lose their last layout go too: empty ones would show all cameras. */
export function wallWithout(wall: Wall, name: string): Wall {
  const rest = withSequences(wall, (list) => list.filter(({ layout }) => layout !== name));
  if (!wall.schedule) return rest;
  return {
    ...rest,
    schedule: (rest.schedule ?? []).filter(
      (entry, i) => entry.sequence.length > 0 || wall.schedule![i]!.sequence.length === 0,
    ),
  };
}

export function wallRenamed(wall: Wall, from: string, to: string): Wall {
  return withSequences(wall, (list) =>
    list.map((item) => (item.layout === from ? { ...item, layout: to } : item)),
  );
}

/** Seconds that a layout stays when nobody said otherwise. */
export const DWELL = 30;

/** On the wall now: alone, or as another one of those that take turns. */
export function wallShowing(wall: Wall, name: string, how: 'alone' | 'inTurn'): Wall {
  const own = wall.sequence.find(({ layout }) => layout === name) ?? { layout: name, dwell_seconds: DWELL };
  if (how === 'alone') return { ...wall, sequence: [own] };
  return wall.sequence.includes(own) ? wall : { ...wall, sequence: [...wall.sequence, own] };
}

const ALLOWED = /^[A-Za-z0-9_-]{1,64}$/;
export const isName = (name: string): boolean => ALLOWED.test(name);

/** A name that is still free: `layout-2`, `entrance-copy`, `entrance-copy-2`. */
export function freeName(wish: string, taken: readonly string[]): string {
  const base = wish.slice(0, 56);
  if (!taken.includes(base)) return base;
  for (let n = 2; ; n++) if (!taken.includes(`${base}-${n}`)) return `${base}-${n}`;
}
