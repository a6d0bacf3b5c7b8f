import type { Tile } from '../../../daemon/schema.ts';
import { gridOfAll } from '../../wall/grid.ts';

export interface Proposal {
  kind: 'grid' | 'focus' | 'pages';
  /** One layout, or several that take turns. */
  pages: Tile[][];
}

/** Beyond this many tiles a picture is too small to be of use on one screen. */
const MOST_ON_A_PAGE = 16;
const PAGE = 9;
/** A large tile and the row and column around it: 3×3 has room for five others, 4×4 for seven, 5×5 for nine. */
const FOCUS_SIDES = [3, 4, 5];

/** What to show on a screen of that aspect ratio, the likeliest first. Cameras keep their order. */
export function proposals(cameras: readonly string[], aspect: number): Proposal[] {
  if (cameras.length === 0) return [];
  const all: Proposal[] = [];
  if (cameras.length <= MOST_ON_A_PAGE) all.push({ kind: 'grid', pages: [gridOfAll(cameras, aspect)] });
  const side = FOCUS_SIDES.find((candidate) => cameras.length <= 2 * candidate);
  if (cameras.length > 2 && side !== undefined) all.push({ kind: 'focus', pages: [focus(cameras, side)] });
  if (cameras.length > PAGE) {
    const pages = Math.ceil(cameras.length / PAGE);
    // Pages of the same size: ten cameras are five and five, not nine and one.
    const size = Math.ceil(cameras.length / pages);
    const parts = Array.from({ length: pages }, (_, n) => cameras.slice(n * size, (n + 1) * size));
    all.push({
      kind: 'pages',
      pages: parts.filter((part) => part.length > 0).map((part) => gridOfAll(part, aspect)),
    });
  }
  return all;
}

function focus(cameras: readonly string[], side: number): Tile[] {
  const small = 1 / side;
  const large = (side - 1) / side;
  // Down the right edge, then along the bottom from right to left.
  const places = [
    ...Array.from({ length: side }, (_, n) => ({ x: large, y: n * small })),
    ...Array.from({ length: side - 1 }, (_, n) => ({ x: (side - 2 - n) * small, y: large })),
  ];
  const [first = '', ...others] = cameras;
  return [
    { x: 0, y: 0, width: large, height: large, cameras: [first] },
    ...places.map(({ x, y }, n) => {
      const camera = others[n];
      return { x, y, width: small, height: small, cameras: camera === undefined ? [] : [camera] };
    }),
  ];
}
