import { DoubleTap } from './doubleTap.ts';
import type { Operator } from './operator.ts';
import type { PtzControl } from './ptz.ts';
import type { Tile } from './tile.ts';

/** CSS pixels up to which a finger that moves is still a tap, and from which on it swipes. */
const TAP = 14;
const SWIPE = 60;
/** Milliseconds; slower is no swipe. */
const LONGEST_SWIPE = 900;

interface Press {
  pointer: number;
  tile: Tile | undefined;
  x: number;
  y: number;
  time: number;
  touch: boolean;
  moves: boolean;
}

/** Mouse and touch on the tiles: tap, double tap, swipe, and dragging a camera around. */
export class Gestures {
  #operator: Operator;
  #ptz: PtzControl;
  #full: () => Tile | undefined;
  #turn: (step: 1 | -1) => void;
  #press: Press | undefined;
  #taps = new DoubleTap<Tile>();

  constructor(
    operator: Operator,
    ptz: PtzControl,
    full: () => Tile | undefined,
    turn: (step: 1 | -1) => void,
  ) {
    this.#operator = operator;
    this.#ptz = ptz;
    this.#full = full;
    this.#turn = turn;
  }

  down(event: PointerEvent, tile: Tile | undefined): void {
    if (event.button !== 0 || this.#press) return;
    const touch = event.pointerType === 'touch';
    // A finger swipes from camera to camera unless it was told to move this one.
    const moves = this.#full() !== undefined && this.#ptz.usable && (!touch || this.#ptz.mode.peek());
    const { pointerId: pointer, clientX: x, clientY: y, timeStamp: time } = event;
    this.#press = { pointer, tile, x, y, time, touch, moves };
    if (moves) {
      (event.currentTarget as Element).setPointerCapture(pointer);
      this.#ptz.press(x, y);
    }
  }

  move(event: PointerEvent): void {
    const press = this.#press;
    if (press?.moves && press.pointer === event.pointerId) this.#ptz.pull(event.clientX, event.clientY);
  }

  up(event: PointerEvent): void {
    const press = this.#press;
    if (!press || press.pointer !== event.pointerId) return;
    this.#press = undefined;
    if (press.moves) this.#ptz.stop();
    const dx = event.clientX - press.x;
    const dy = event.clientY - press.y;
    if (Math.hypot(dx, dy) <= TAP) this.#tap(event, press.tile);
    else if (press.touch && !press.moves) this.#swipe(dx, dy, event.timeStamp - press.time);
  }

  /** The browser took the finger for itself, to scroll. */
  cancel(): void {
    if (this.#press?.moves) this.#ptz.stop();
    this.#press = undefined;
  }

  wheel(event: WheelEvent): void {
    if (this.#full() && this.#ptz.usable) this.#ptz.wheel(event.deltaY, performance.now());
  }

  #tap(event: PointerEvent, tile: Tile | undefined): void {
    if (!tile) return;
    if (this.#taps.tap(tile, event.clientX, event.clientY, event.timeStamp)) this.#operator.toggleFull(tile);
    else if (!this.#full()) this.#operator.choose(tile);
  }

  #swipe(dx: number, dy: number, time: number): void {
    if (time > LONGEST_SWIPE || Math.abs(dx) < SWIPE || Math.abs(dx) < 2 * Math.abs(dy)) return;
    // The picture follows the finger: to the left comes what is next.
    const step = dx < 0 ? 1 : -1;
    if (this.#full()) this.#operator.step(step);
    else this.#turn(step);
  }
}
