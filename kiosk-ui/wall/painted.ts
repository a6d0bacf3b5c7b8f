import type { PageEvent } from '../../daemon/schema.ts';
import { stuckFor } from './paintProof.ts';
import type { Picture } from './picture.ts';
import { PixelSample } from './pixelSample.ts';
import type { Tile } from './tile.ts';

/** The second is divided into so many parts, and each tile is looked at in one of them. */
const PARTS = 4;
/** Milliseconds without a frame drawn, on a page that is to be seen, that mean that nothing is. */
const NO_FRAMES = 5_000;
/** While a picture has stood still for no longer than this it is told at every look, so that it is soon repaired. */
const URGENT = 4_300;

type PaintedEvent = Extract<PageEvent, { type: 'painted' }>;

/** What the page really paints: looked at tile by tile, told to the daemon once a second. */
export class Painted {
  #sample = new PixelSample();
  #part = 0;
  #frameAt = performance.now();
  #asked = false;

  /** Called four times a second. `say` once a second, more often while a picture has just come to a stop. `full`: the others are not drawn. */
  tick(
    tiles: readonly Tile[],
    full: Tile | undefined,
    now: number,
    say: (event: PaintedEvent) => void,
  ): void {
    this.#part = (this.#part + 1) % PARTS;
    const visible = document.visibilityState === 'visible';
    for (const tile of tiles) {
      const picture = tile.pictures.shown;
      if (!picture) continue;
      // What is not on the screen proves nothing, and begins anew when it is.
      if ((full && tile !== full) || !visible) picture.proof = undefined;
      else if (tile.slot % PARTS === this.#part) this.#sample.look(picture, now);
    }
    const seen = full ? [full] : tiles;
    const urgent = seen.some((tile) => (stuckFor(tile.pictures.shown?.proof, now) ?? Infinity) < URGENT);
    if (this.#part !== 0 && !urgent) return;
    if (this.#part === 0) this.#beat(now, visible);
    const stuck = visible && now - this.#frameAt > NO_FRAMES;
    say({
      type: 'painted',
      tiles: seen.flatMap((tile) => told(tile.pictures.shown ?? tile.pictures.pending, stuck, now)),
      heap: heap(),
      visible,
    });
  }

  /** Whether the browser draws at all: one frame asked for a second, which it mostly draws anyway. */
  #beat(now: number, visible: boolean): void {
    if (!visible) this.#frameAt = now;
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#frameAt = performance.now();
    });
  }
}

function told(picture: Picture | undefined, stuck: boolean, now: number): PaintedEvent['tiles'] {
  // The daemon knows no other pictures of this page.
  if (!picture?.pixels) return [];
  const { viewer, proof, paintedAt, openedAt, pixels } = picture;
  if (paintedAt === undefined || pixels.naturalWidth === 0 || stuck) {
    return [{ viewer, hash: null, same_ms: Math.round(now - openedAt) }];
  }
  // Not looked at yet, or not readable: nothing is known, so nothing is said.
  return proof ? [{ viewer, hash: proof.hash, same_ms: Math.round(now - proof.changedAt) }] : [];
}

/** Chromium tells; others do not. */
function heap(): number | null {
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? null;
}
