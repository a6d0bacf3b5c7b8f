/** The page's address: a link that shows another the same. Pure. */

export interface Place {
  /** What is looked at: chosen cameras, or the wall of a screen as it was. */
  cameras: string[];
  wall: boolean;
  screen: number;
  /** Unix seconds; undefined: the newest. */
  at: number | undefined;
}

/** More would be too small to see anything, and too many videos for a browser. */
export const MOST_CAMERAS = 9;
const MOST_SCREENS = 4;

/** `?camera=door,yard&at=1795271525`, `?wall&at=2026-11-22T14:32:05Z`. What is not understood is left out. */
export function placeOf(search: string): Place {
  const query = new URLSearchParams(search);
  const names = query.getAll('camera').flatMap((names) => names.split(','));
  const screen = Number(query.get('screen') ?? 1);
  return {
    cameras: [...new Set(names.filter((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)))].slice(0, MOST_CAMERAS),
    wall: query.has('wall'),
    screen: Number.isInteger(screen) && screen >= 1 && screen <= MOST_SCREENS ? screen : 1,
    at: timeOf(query.get('at')),
  };
}

export function addressOf({ cameras, wall, screen, at }: Place): string {
  const parts = [
    wall ? 'wall' : cameras.length > 0 && `camera=${cameras.join(',')}`,
    wall && screen > 1 && `screen=${screen}`,
    at !== undefined && `at=${Number(at.toFixed(1))}`,
  ].filter(Boolean);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function timeOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
