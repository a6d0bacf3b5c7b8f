import type { PageEvent, ShownTile } from '../../daemon/schema.ts';
import type { Stage } from './stage.ts';
import type { Tile } from './tile.ts';
import { viewOf } from './view.ts';

type Shown = Extract<PageEvent, { type: 'shown' }>;

/** Milliseconds between two looks, and after which it is said again although nothing has changed. */
const LOOK = 1_000;
const AGAIN = 20_000;
/** Coordinates to a ten thousandth of the screen. */
const FINE = 10_000;

/** What is needed of the wall. */
export interface ShownWall {
  readonly stage: Pick<Stage, 'tiles' | 'layout'>;
  readonly full: { peek(): Tile | undefined };
  readonly socket: { send(event: PageEvent): void };
}

/** Tells the daemon, for the page's life, what is on the screen: it keeps a journal of the box's own. */
export function tellShown(wall: ShownWall): void {
  if (viewOf(location.pathname).kind !== 'wall') return;
  let said = '';
  let saidAt = -Infinity;
  setInterval(() => {
    const shown = shownOn(wall);
    const text = JSON.stringify(shown);
    const now = performance.now();
    if (text === said && now - saidAt < AGAIN) return;
    said = text;
    saidAt = now;
    wall.socket.send(shown);
  }, LOOK);
}

function shownOn({ stage, full }: ShownWall): Shown {
  const whole = full.peek();
  const tiles = whole ? [whole] : stage.tiles.peek().filter((tile) => tile.position.peek() >= 0);
  const inOrder = [...tiles].sort((a, b) => a.position.peek() - b.position.peek());
  return { type: 'shown', layout: stage.layout, tiles: inOrder.map((tile) => toldOf(tile, tile === whole)) };
}

function toldOf(tile: Tile, whole: boolean): ShownTile {
  const { x, y, width, height } = whole ? { x: 0, y: 0, width: 1, height: 1 } : tile.rect.peek();
  return {
    ...{ x: unit(x), y: unit(y), width: unit(width), height: unit(height) },
    camera: tile.camera ?? null,
    state: tile.face.peek().kind,
  };
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * FINE) / FINE));
}
