import { signal } from '@preact/signals';
import { Dial, type Dialled } from './dial.ts';
import type { Action } from './keys.ts';
import { neighbour } from './neighbour.ts';
import type { PtzControl } from './ptz.ts';
import type { Tile } from './tile.ts';

/** Milliseconds. The pointer and the tiles' numbers are shown for so long after somebody touched anything … */
const ACTIVE = 3_000;
/** … and what was chosen stays chosen for so long. */
const CHOSEN = 20_000;

/** What an operator reaches of the wall. */
export interface Reach {
  /** Tiles of the layout, in its order. */
  tiles: () => Tile[];
  /** Over the whole screen, by hand or by an alarm. */
  full: () => Tile | undefined;
  ptz: PtzControl;
  /** To the next or previous layout, or to that one. */
  turn: (step: 1 | -1 | { index: number }) => void;
  /** True where there was an alarm to acknowledge. Without a camera: any. */
  acknowledge: (camera?: string) => boolean;
  /** Sends an alarm's camera away; true where there was one. */
  dismiss: () => boolean;
  /** Sends a notice of the box away; true where there was one. */
  read: () => boolean;
  changed: () => void;
}

/** What somebody at the wall does with it: by keyboard, remote control, mouse or touch, all through here. */
export class Operator {
  /** By hand over the whole screen: nothing else takes its place. */
  readonly full = signal<Tile | undefined>(undefined);
  readonly chosen = signal<Tile | undefined>(undefined);
  readonly dialled = signal('');
  readonly held = signal(false);
  readonly help = signal(false);
  /** Show the pointer and what the keys dial. */
  readonly active = signal(false);
  touchedAt = -Infinity;
  #reach: Reach;
  #dial = new Dial();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  touched(now: number): void {
    this.touchedAt = now;
    this.active.value = true;
  }

  tick(now: number): void {
    this.active.value = now - this.touchedAt < ACTIVE;
    if (now - this.touchedAt > CHOSEN) this.chosen.value = undefined;
    const dialled = this.#dial.tick(this.#reach.tiles().length, now);
    if (dialled !== undefined) this.#answer(dialled);
  }

  /** What is no more on the wall cannot be chosen, nor fill the screen. */
  forget(gone: (tile: Tile) => boolean): void {
    for (const kept of [this.full, this.chosen]) {
      const tile = kept.peek();
      if (tile && gone(tile)) kept.value = undefined;
    }
  }

  /** True where the action meant something now. */
  act(action: Action, now: number): void {
    const { ptz } = this.#reach;
    if (this.help.peek() && action.do !== 'help') this.help.value = false;
    if (ptz.mode.peek() && this.#move(action)) return;
    switch (action.do) {
      case 'digit':
        this.#answer(this.#dial.push(action.digit, this.#reach.tiles().length, now));
        break;
      case 'arrow':
        if (this.#reach.full()) this.step(action.x + action.y);
        else this.#choose(action.x, action.y);
        break;
      case 'enter':
        this.#enter();
        break;
      case 'back':
        this.#back();
        break;
      case 'hold':
        this.held.value = !this.held.peek();
        break;
      case 'next':
      case 'zoomIn':
        this.#turn(1);
        break;
      case 'previous':
      case 'zoomOut':
        this.#turn(-1);
        break;
      case 'layout':
        this.#turn({ index: action.index });
        break;
      case 'help':
        this.help.value = !this.help.peek();
        break;
      case 'move':
        if (ptz.usable) ptz.mode.value = !ptz.mode.peek();
        break;
    }
    this.#reach.changed();
  }

  choose(tile: Tile | undefined): void {
    this.chosen.value = tile?.camera === undefined ? undefined : tile;
  }

  /** That tile over the whole screen, or back when it is there already. */
  toggleFull(tile: Tile | undefined): void {
    const present = this.#reach.full();
    const next = present === tile ? undefined : tile;
    // Whatever somebody does by hand outweighs an alarm.
    this.#reach.dismiss();
    this.full.value = next?.camera === undefined ? undefined : next;
    if (tile && tile.position.peek() >= 0) this.choose(tile);
    this.#reach.changed();
  }

  /** In full screen: the camera so many tiles on. */
  step(by: number): void {
    const tiles = this.#reach.tiles().filter(({ camera }) => camera !== undefined);
    const present = this.#reach.full();
    if (tiles.length === 0 || !present) return;
    const at = tiles.indexOf(present);
    const next = tiles[(at + by + tiles.length) % tiles.length];
    if (next !== present) this.toggleFull(next);
  }

  #turn(step: 1 | -1 | { index: number }): void {
    this.#reach.dismiss();
    this.full.value = undefined;
    this.chosen.value = undefined;
    this.#reach.turn(step);
  }

  #choose(x: number, y: number): void {
    const tiles = this.#reach.tiles().filter(({ camera }) => camera !== undefined);
    const present = this.chosen.peek();
    const at = present ? tiles.indexOf(present) : -1;
    const rects = tiles.map((tile) => tile.rect.peek());
    this.choose(at < 0 ? tiles[0] : tiles[neighbour(rects, at, x, y) ?? at]);
  }

  #enter(): void {
    if (this.#dial.digits !== '') {
      this.#answer(this.#dial.finish(this.#reach.tiles().length));
      return;
    }
    const full = this.#reach.full();
    const target = full ?? this.chosen.peek();
    if (target?.camera !== undefined && this.#reach.acknowledge(target.camera)) return;
    if (!target && this.#reach.acknowledge()) return;
    if (target) this.toggleFull(target);
    else this.#choose(0, 0);
  }

  #back(): void {
    if (this.#dial.digits !== '') {
      this.#dial.clear();
      this.dialled.value = '';
    } else if (this.full.peek()) this.full.value = undefined;
    else if (!this.#reach.dismiss() && !this.#reach.read()) this.chosen.value = undefined;
  }

  #answer(dialled: Dialled): void {
    this.dialled.value = this.#dial.digits;
    if (typeof dialled === 'string') return;
    const tile = this.#reach.tiles()[dialled.position];
    if (tile) this.toggleFull(tile);
  }

  /** In PTZ mode arrows, + and − and digits are the camera's. */
  #move(action: Action): boolean {
    const { ptz } = this.#reach;
    if (action.do === 'arrow') ptz.key(action.x, -action.y, 0);
    else if (action.do === 'zoomIn') ptz.key(0, 0, 1);
    else if (action.do === 'zoomOut') ptz.key(0, 0, -1);
    else if (action.do === 'digit') ptz.preset(action.digit === 0 ? 9 : action.digit - 1);
    else if (action.do === 'back') ptz.mode.value = false;
    else return false;
    return true;
  }
}
