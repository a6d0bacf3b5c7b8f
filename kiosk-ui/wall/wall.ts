import { signal } from '@preact/signals';
import type { ServerEvent, Tile as TilePlan } from '../../daemon/schema.ts';
import { answers } from '../api/client.ts';
import { EventsSocket } from '../api/eventsSocket.ts';
import { ConfigurationReader } from './configuration.ts';
import { Facts } from './facts.ts';
import { phoneColumns, type Rect } from './grid.ts';
import { Picture, type PictureWish } from './picture.ts';
import { isLocal, pictureUrl, shardAddress, TILES_WITHOUT_SHARDS } from './pictureUrl.ts';
import { type Configuration, sceneAt } from './plan.ts';
import { type Moment, Tile } from './tile.ts';
import { matchTiles } from './tileMatch.ts';
import { UNREACHABLE } from './tileState.ts';
import type { Turn } from './turn.ts';

/** Milliseconds between two looks at everything; events and pictures make for looks in between. */
const TICK = 250;
/** A window that is being drawn larger asks for new pictures when it has come to rest. */
const RESIZE_REST = 400;
/** The pointer and the tiles' numbers are shown for so long after somebody touched mouse, screen or keyboard. */
const ACTIVE = 3_000;
/** Between two attempts to reach the other loopback addresses. */
const SHARDS_PAUSE = 5_000;
/** CSS pixels: an upright screen narrower than this is a phone. */
const PHONE_WIDTH = 600;
/** Walls with more tiles than this take their pictures on the daemon's common tick: the browser then composes less. */
const UNPACED_TILES = 4;

/** The page: reads what to show, listens to the daemon, and keeps the tiles up to date by one clock. */
export class Wall {
  /** Sorted by slot, so that a tile that stays is not moved in the document. */
  readonly tiles = signal<readonly Tile[]>([]);
  readonly fullScreen = signal<Tile | undefined>(undefined);
  /** False: no camera yet. Undefined: not known yet. */
  readonly configured = signal<boolean | undefined>(undefined);
  /** The daemon has been away for longer than a moment. */
  readonly unreachable = signal(false);
  /** Somebody is at the wall: show the pointer and what the keys dial. */
  readonly active = signal(false);
  // Not randomUUID(): browsers keep that from pages that came over plain HTTP.
  #page = [...crypto.getRandomValues(new Uint8Array(6))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  #facts = new Facts();
  #reader = new ConfigurationReader(this.#facts, (configuration) => this.#configure(configuration));
  #socket: EventsSocket;
  #configuration: Configuration | undefined;
  #turn: Turn = { index: 0, since: 0 };
  #scene = '';
  #downSince: number | undefined = performance.now();
  #instance: string | undefined;
  #version: string | undefined;
  /** Whether pictures may be spread over loopback addresses; undefined until tried. */
  #sharded: boolean | undefined;
  #shardsTriedAt = -Infinity;
  #opened = 0;
  #soon = false;
  #activeAt = -Infinity;
  #screen = { width: innerWidth, height: innerHeight };
  #resizedAt = -Infinity;

  constructor() {
    const { protocol, host } = location;
    this.#socket = new EventsSocket({
      url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/events?page=${this.#page}`,
      event: (event) => this.#event(event),
      connection: (open) => this.#connection(open),
    });
  }

  /** Begins, for the page's life. */
  start(): void {
    setInterval(() => this.#tick(), TICK);
    addEventListener('resize', () => {
      this.#resizedAt = performance.now();
    });
    this.#tick();
  }

  /** Somebody moved the pointer, touched the screen or pressed a key. */
  touched(): void {
    this.#activeAt = performance.now();
    this.active.value = true;
  }

  /** Tile at that position of the layout over the whole screen, or back when it is there already. */
  toggleFullScreen(tile: Tile | undefined): void {
    const next = this.fullScreen.peek() === tile ? undefined : tile;
    this.fullScreen.value = next?.camera === undefined ? undefined : next;
    this.#look();
  }

  tileAt(position: number): Tile | undefined {
    return this.tiles.peek().find((tile) => tile.position.peek() === position);
  }

  #tick(): void {
    const now = performance.now();
    this.#socket.tick(now);
    // Without a daemon there is nothing to read; the hello says when there is one.
    if (this.#downSince === undefined) {
      this.#reader.tick(now);
      if (!this.#sharded && now - this.#shardsTriedAt > SHARDS_PAUSE) void this.#findShards(now);
    }
    this.#look();
  }

  /** One look however much happens at once. */
  #lookSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#look();
    });
  }

  #look(): void {
    const now = performance.now();
    this.unreachable.value = this.#downSince !== undefined && now - this.#downSince > UNREACHABLE;
    this.active.value = now - this.#activeAt < ACTIVE;
    if (now - this.#resizedAt > RESIZE_REST) this.#screen = { width: innerWidth, height: innerHeight };
    if (!this.#configuration || this.#sharded === undefined) return;
    this.#arrange(this.#configuration, now);
    const tiles = this.tiles.peek();
    const moment: Moment = {
      now,
      unixNow: Date.now(),
      downSince: this.#downSince,
      screen: this.#screen,
      pixelRatio: devicePixelRatio,
      paced: tiles.length > UNPACED_TILES,
    };
    const fullScreen = this.fullScreen.peek();
    const others = TILES_WITHOUT_SHARDS - (fullScreen ? 1 : 0);
    for (const tile of tiles) {
      const mayOpen = this.#sharded || tile === fullScreen || tile.slot < others;
      tile.update(moment, tile === fullScreen, mayOpen);
    }
  }

  /** Makes the tiles those of the layout in turn. */
  #arrange(configuration: Configuration, now: number): void {
    const { width, height } = this.#screen;
    const aspect = width / height;
    const phone = width < PHONE_WIDTH && aspect < 1;
    const held = this.fullScreen.peek() !== undefined;
    const { turn, tiles } = sceneAt(configuration, this.#turn, now, held, phone ? 1 / aspect : aspect);
    this.#turn = turn;
    const rects: readonly Rect[] = phone ? phoneColumns(tiles, aspect) : tiles;
    const scene = JSON.stringify([tiles, phone && aspect]);
    if (scene === this.#scene) return;
    this.#scene = scene;
    this.#place(tiles, rects);
  }

  #place(plans: readonly TilePlan[], rects: readonly Rect[]): void {
    const present = this.tiles.peek();
    const matches = matchTiles(
      present.map((tile) => ({ cameras: tile.plan.cameras, rect: tile.plan })),
      plans.map((plan) => ({ cameras: plan.cameras, rect: plan })),
    );
    const kept = new Set(matches);
    const leaving = present.filter((_, i) => !kept.has(i));
    const slots = new Set(present.map(({ slot }) => slot));
    for (const tile of leaving) {
      tile.close();
      slots.delete(tile.slot);
    }
    const full = this.fullScreen.peek();
    const camera = full?.camera;
    const tiles = plans.map((plan, position) => {
      const match = matches[position];
      const tile =
        match === undefined ? new Tile(lowestFree(slots), plan, this.#surroundings) : present[match]!;
      tile.replan(plan);
      tile.rect.value = rects[position]!;
      tile.position.value = position;
      return tile;
    });
    if (full && !(tiles.includes(full) && full.camera === camera)) this.fullScreen.value = undefined;
    this.tiles.value = tiles.sort((a, b) => a.slot - b.slot);
  }

  readonly #surroundings = {
    camera: (id: string) => this.#facts.camera(id),
    fact: (stream: string) => this.#facts.fact(stream),
    failedLately: (stream: string) => this.#facts.failedLately(stream, performance.now()),
    openPicture: (slot: number, wish: PictureWish, changed: () => void) => {
      const viewer = `${this.#page}.${slot}-${++this.#opened}`;
      const { protocol, port, host } = location;
      const origin = this.#sharded
        ? `${protocol}//${shardAddress(slot)}${port && `:${port}`}`
        : `${protocol}//${host}`;
      return new Picture(pictureUrl({ origin, viewer, ...wish }), viewer, wish, performance.now(), changed);
    },
    changed: () => this.#lookSoon(),
  };

  #configure(configuration: Configuration): void {
    if (!this.#configuration) this.#turn = { index: 0, since: performance.now() };
    this.#configuration = configuration;
    this.configured.value = configuration.cameras.length > 0;
    this.#lookSoon();
  }

  #connection(open: boolean): void {
    if (open) {
      this.#downSince = undefined;
      this.#reader.reread();
    } else this.#downSince ??= performance.now();
    this.#lookSoon();
  }

  #event(event: ServerEvent): void {
    const now = performance.now();
    switch (event.type) {
      case 'hello':
        this.#hello(event.instance, event.version);
        break;
      case 'streams':
        this.#facts.apply(event, now);
        break;
      case 'pictures': {
        const ages = new Map(event.pictures.map(({ viewer, age_ms }) => [viewer, age_ms]));
        for (const tile of this.tiles.peek()) {
          for (const picture of tile.pictures.open()) {
            const age = ages.get(picture.viewer);
            if (age === undefined) picture.unreported();
            else picture.reported(age, now);
          }
        }
        break;
      }
      case 'changed':
        this.#reader.reread();
        this.#reader.tick(now);
        break;
    }
    this.#lookSoon();
  }

  #hello(instance: string, version: string): void {
    if (this.#version !== undefined && this.#version !== version) {
      location.reload();
      return;
    }
    this.#version = version;
    if (this.#instance !== undefined && this.#instance !== instance) {
      for (const tile of this.tiles.peek()) tile.pictures.reopen();
    }
    this.#instance = instance;
  }

  /**
   * A page on the box may use every loopback address, unless it came through a tunnel that has just one. Found once,
   * true for the page's life; tried again until then.
   */
  async #findShards(now: number): Promise<void> {
    this.#shardsTriedAt = now;
    const { protocol, hostname, port } = location;
    const url = `${protocol}//${shardAddress(0)}${port && `:${port}`}/api/health`;
    this.#sharded = isLocal(hostname) && (await answers(url));
    this.#lookSoon();
  }
}

function lowestFree(slots: Set<number>): number {
  let slot = 0;
  while (slots.has(slot)) slot++;
  slots.add(slot);
  return slot;
}
