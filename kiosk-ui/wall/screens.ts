import type { ScreenWall, Wall } from '../../daemon/schema.ts';
import { isScreenOff, type LocalTime } from './schedule.ts';

/** As many as the daemon knows walls of. */
const MOST_SCREENS = 4;

/** Which of the box's screens a page shows the wall of, by its address: `/?screen=2`. Without a number, or with a wrong one: the first. */
export function screenOf(search: string): number {
  const screen = Number(new URLSearchParams(search).get('screen') ?? 1);
  return Number.isInteger(screen) && screen >= 1 && screen <= MOST_SCREENS ? screen : 1;
}

/** Of all walls, by their screens' numbers. */
export const wallsByScreen = (walls: readonly ScreenWall[]): ReadonlyMap<number, Wall> =>
  new Map(walls.map(({ screen, wall }) => [screen, wall]));

/**
 * The screens that are to be dark now. An output that was switched off may have no page of its own, and the page of
 * another one says when it is to come back.
 *
 * @param own this page's screen and whether it is dark: somebody may have lit it by a touch
 * @param alarmed an alarm wakes all of them
 */
export function darkScreens(
  walls: ReadonlyMap<number, Wall>,
  own: { screen: number; dark: boolean },
  alarmed: boolean,
  time: LocalTime,
): number[] {
  const others = [...walls].flatMap(([screen, wall]) =>
    screen !== own.screen && !alarmed && isScreenOff(wall, time) ? [screen] : [],
  );
  return [...others, ...(own.dark ? [own.screen] : [])].sort((a, b) => a - b);
}
