import type { Rect } from './grid.ts';

/** A tile as far as its open picture is concerned. */
export interface TileShape {
  cameras: readonly string[];
  rect: Rect;
}

/**
 * For each tile of the next layout the index of the present one that goes on as it, so that pictures which stay are
 * not opened again: first those with the same cameras at the same size, then the same cameras, then whatever is left
 * (its picture stays until the new camera's is there). Undefined: a new one is needed.
 */
export function matchTiles(
  present: readonly TileShape[],
  next: readonly TileShape[],
): (number | undefined)[] {
  const free = new Set(present.keys());
  const result: (number | undefined)[] = next.map(() => undefined);
  const pass = (fits: (a: TileShape, b: TileShape) => boolean) => {
    next.forEach((tile, i) => {
      if (result[i] !== undefined) return;
      const found = [...free].find((candidate) => fits(present[candidate]!, tile));
      if (found === undefined) return;
      free.delete(found);
      result[i] = found;
    });
  };
  pass((a, b) => sameCameras(a, b) && sameSize(a.rect, b.rect));
  pass(sameCameras);
  pass(() => true);
  return result;
}

function sameCameras(a: TileShape, b: TileShape): boolean {
  return a.cameras.length === b.cameras.length && a.cameras.every((camera, i) => camera === b.cameras[i]);
}

function sameSize(a: Rect, b: Rect): boolean {
  return Math.abs(a.width - b.width) < 1e-6 && Math.abs(a.height - b.height) < 1e-6;
}
