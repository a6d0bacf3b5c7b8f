import { signal } from '@preact/signals';
import type { ServerEvent, Tile as TilePlan } from '../../daemon/schema.ts';
import type { Rect } from './grid.ts';
import { type Moment, type Surroundings, Tile } from './tile.ts';
import { matchTiles } from './tileMatch.ts';

type PicturesEvent = Extract<ServerEvent, { type: 'pictures' }>;

/** A layout, and where its tiles are on this screen. */
export interface Arrangement {
  plans: readonly TilePlan[];
  rects: readonly Rect[];
  /** The layout's name. */
  layout?: string | null;
}

/** A tile that lies over the others and belongs to no layout: the camera of an alarm. */
const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

/** The tiles on the screen, and those that wait unseen for the layout that comes next. */
export class Stage {
  /** Sorted by slot, so that a tile that stays is not moved in the document. */
  readonly tiles = signal<readonly Tile[]>([]);
  readonly upcoming = signal<readonly Tile[]>([]);
  /** Name of the layout on the screen; null: it has none. */
  layout: string | null = null;
  #surroundings: Surroundings;
  #key = '';
  #next: { key: string; tiles: (Tile | undefined)[] } | undefined;
  #guest: Tile | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  tileAt(position: number): Tile | undefined {
    return this.tiles.peek().find((tile) => tile.position.peek() === position);
  }

  /** Those of the layout, in its order. */
  inOrder(): Tile[] {
    return this.tiles
      .peek()
      .filter((tile) => tile !== this.#guest)
      .sort((a, b) => a.position.peek() - b.position.peek());
  }

  /** Makes the tiles those of the arrangement. Pictures that stay are not opened anew. */
  show({ plans, rects, layout = null }: Arrangement): void {
    this.layout = layout;
    const key = JSON.stringify({ plans, rects });
    if (key === this.#key) return;
    this.#key = key;
    const present = this.inOrder();
    const prepared = this.#next?.key === key ? this.#next.tiles : undefined;
    if (!prepared) this.abandon();
    const slots = this.#slots();
    const kept = prepared ?? this.#matches(plans);
    const tiles = plans.map((plan, position) => {
      const tile = kept[position] ?? new Tile(lowestFree(slots), plan, this.#surroundings);
      tile.replan(plan);
      tile.rect.value = rects[position]!;
      tile.position.value = position;
      return tile;
    });
    for (const tile of present) if (!tiles.includes(tile)) tile.close();
    this.#next = undefined;
    this.upcoming.value = [];
    this.#set(this.#guest ? [...tiles, this.#guest] : tiles);
  }

  /** Opens the pictures of the arrangement that comes next, unseen. */
  prepare(arrangement: Arrangement, moment: Moment): void {
    const key = JSON.stringify(arrangement);
    const { plans, rects } = arrangement;
    if (this.#next?.key !== key) {
      this.abandon();
      const slots = this.#slots();
      const fresh: Tile[] = [];
      const tiles = this.#matches(plans).map((match, i) => {
        if (match) return match;
        const tile = new Tile(lowestFree(slots), plans[i]!, this.#surroundings);
        tile.rect.value = rects[i]!;
        fresh.push(tile);
        return tile;
      });
      this.#next = { key, tiles };
      this.upcoming.value = fresh;
    }
    for (const [i, tile] of this.#next?.tiles.entries() ?? []) tile?.prepare(plans[i]!, rects[i]!, moment);
  }

  /** Whether all that was prepared could be shown now. */
  get ready(): boolean {
    return (this.#next?.tiles ?? []).every((tile) => tile?.pictures.isPrepared ?? true);
  }

  get preparing(): boolean {
    return this.#next !== undefined;
  }

  /** The next layout will not come after all. */
  abandon(): void {
    for (const tile of this.#next?.tiles ?? []) tile?.pictures.prepare(undefined);
    for (const tile of this.upcoming.peek()) tile.close();
    if (this.upcoming.peek().length > 0) this.upcoming.value = [];
    this.#next = undefined;
  }

  /** A tile of that camera over all others, made where it is not there; undefined: takes it away. */
  guest(camera: string | undefined): Tile | undefined {
    const present = this.#guest;
    if (present?.camera === camera) return present;
    if (camera === undefined) {
      present?.close();
      this.#guest = undefined;
      this.#set(this.tiles.peek().filter((tile) => tile !== present));
      return undefined;
    }
    const plan: TilePlan = { ...NOWHERE, cameras: [camera] };
    if (present) {
      present.replan(plan);
      return present;
    }
    const guest = new Tile(lowestFree(this.#slots()), plan, this.#surroundings);
    guest.rect.value = NOWHERE;
    guest.position.value = -1;
    this.#guest = guest;
    this.#set([...this.tiles.peek(), guest]);
    return guest;
  }

  /** How old the pictures are that the daemon wrote. */
  reported(reports: PicturesEvent['pictures'], now: number): void {
    const of = new Map(reports.map((report) => [report.viewer, report]));
    for (const tile of [...this.tiles.peek(), ...this.upcoming.peek()]) {
      for (const picture of tile.pictures.open()) {
        const report = of.get(picture.viewer);
        if (report) picture.reported(report.age_ms, report.unchanged_ms, now);
        else picture.unreported();
      }
    }
  }

  #set(tiles: Tile[]): void {
    this.tiles.value = tiles.sort((a, b) => a.slot - b.slot);
  }

  /** For each plan the tile of now that goes on as it. */
  #matches(plans: readonly TilePlan[]): (Tile | undefined)[] {
    const present = this.inOrder();
    return matchTiles(
      present.map(({ plan }) => ({ cameras: plan.cameras, rect: plan })),
      plans.map((plan) => ({ cameras: plan.cameras, rect: plan })),
    ).map((match) => (match === undefined ? undefined : present[match]));
  }

  #slots(): Set<number> {
    return new Set([...this.tiles.peek(), ...this.upcoming.peek()].map(({ slot }) => slot));
  }
}

function lowestFree(slots: Set<number>): number {
  let slot = 0;
  while (slots.has(slot)) slot++;
  slots.add(slot);
  return slot;
}
