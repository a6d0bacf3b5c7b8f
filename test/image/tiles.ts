/** Whether virtual cameras are live on a screen: by the number that each of their pictures carries. */
import { readFrameStamp } from '../virtual-camera/index.ts';
import type { Part, Picture } from './picture.ts';

/** Where the pictures of an even grid lie on the screen, edge to edge: 16:9 in tiles of any form. */
export function picturesOf(columns: number, rows: number, screen: { width: number; height: number }): Part[] {
  const tile = { width: screen.width / columns, height: screen.height / rows };
  const scale = Math.min(tile.width / 16, tile.height / 9);
  const [width, height] = [(16 * scale) / screen.width, (9 * scale) / screen.height];
  return Array.from({ length: columns * rows }, (_, index) => ({
    x: ((index % columns) + 0.5) / columns - width / 2,
    y: (Math.floor(index / columns) + 0.5) / rows - height / 2,
    width,
    height,
  }));
}

/** Mean difference between the strongest and the weakest colour, 0 … 255: what the wall dims because it is old is grey. */
const GREY = 6;

/** The number of the picture that is shown there; undefined: none, or one that is grey because it is old. */
export function stampAt({ width, height, rgb }: Picture, part: Part): number | undefined {
  const [left, top] = [Math.round(part.x * width), Math.round(part.y * height)];
  const [across, down] = [Math.round(part.width * width), Math.round(part.height * height)];
  const luma = new Uint8Array(across * down);
  let colour = 0;
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++) {
      const at = ((top + y) * width + left + x) * 3;
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      luma[y * across + x] = 0.299 * red + 0.587 * green + 0.114 * blue;
      colour += Math.max(red, green, blue) - Math.min(red, green, blue);
    }
  return colour / luma.length < GREY ? undefined : readFrameStamp(luma, across, down);
}

/** What keeps the tiles from being called live, in words; empty: each shows a picture, and another one than before. */
export function notLive(before: Picture | undefined, now: Picture, parts: readonly Part[]): string[] {
  return parts.flatMap((part, index) => {
    const stamp = stampAt(now, part);
    if (stamp === undefined) return `tile ${index + 1} shows no picture`;
    if (before && stampAt(before, part) === stamp) return `tile ${index + 1} shows #${stamp} still`;
    return [];
  });
}
