import type { LiveEvent, LiveRequest } from '../../daemon/schema.ts';
import { backoff } from '../api/backoff.ts';
import type { BoxAddress } from './boxAddress.ts';
import { ClockOffset } from './clockOffset.ts';
import { LiveConnection } from './liveConnection.ts';
import { type LiveEventOf, readLiveEvent } from './liveEvent.ts';
import { type LivePart, readLivePart, type SoundPart } from './liveMessage.ts';

/** Milliseconds between two looks at the box's clock, and between the first few. */
const PING_EVERY = 5_000;
const FIRST_PINGS = [100, 300, 700];
/** After the box gave a tile up: its stream is not there, or was stopped. */
const FIRST_REFUSED_PAUSE = 2_000;
const LONGEST_REFUSED_PAUSE = 30_000;
const TILE_NUMBERS = 65_535;
/** Of no tile: whoever is listened to need not be seen. */
const SOUND_NUMBER = 65_535;

/** What a tile asks for: the stream, the formats (the best first), the bounds of JPEGs in device pixels. */
export type TileWish = Omit<Extract<LiveRequest, { type: 'open' }>, 'type' | 'tile'>;

export interface TileEvents {
  /** Pictures come in this way from now on. */
  tile: (event: LiveEventOf<'tile'>) => void;
  state: (event: LiveEventOf<'state'>) => void;
  /** The box gave it up; it is asked again later. */
  error: (event: LiveEventOf<'error'>) => void;
  part: (part: LivePart) => void;
}

export interface SocketSoundEvents {
  sound: (event: LiveEventOf<'sound'>) => void;
  part: (part: SoundPart) => void;
}

/** One tile of the socket. */
export interface LiveTile {
  change: (wish: TileWish) => void;
  /** Its pictures begin anew. */
  restart: () => void;
  /** The browser does not play that; no tile of the socket is sent it any more. */
  unsupported: (codec: string) => void;
  close: () => void;
}

export interface Connection {
  open: boolean;
  /** Since when, milliseconds of the page's clock. */
  since: number;
  /** Whether the box has ever answered. */
  proven: boolean;
  /** Why the browser does not even try. */
  problem: string | undefined;
}

interface Tile {
  wish: TileWish;
  events: TileEvents;
  /** Undefined until the box has said how the pictures come: what comes before is of another connection. */
  feed: number | undefined;
  refusals: number;
  retry: ReturnType<typeof setTimeout> | undefined;
}

/** The one socket that brings the pictures of all tiles of a page. */
export class LiveSocket {
  readonly clock = new ClockOffset();
  /** Messages that were none, and those that came too late for their tile. */
  readonly counts = { bad: 0, late: 0 };
  connection: Connection = { open: false, since: performance.now(), proven: false, problem: undefined };
  /** The box's last word on what gets through. */
  pace: LiveEventOf<'pace'> | undefined;
  readonly #connection: LiveConnection;
  #tiles = new Map<number, Tile>();
  #sound: { stream: string; events: SocketSoundEvents; feed: number | undefined } | undefined;
  #listeners = new Set<() => void>();
  #nextNumber = 0;
  #firstPings: ReturnType<typeof setTimeout>[] = [];
  #pings: ReturnType<typeof setInterval> | undefined;
  #hidden = document.hidden;

  constructor(address: BoxAddress = {}) {
    document.addEventListener('visibilitychange', this.#visibility);
    this.#connection = new LiveConnection(address, {
      opened: () => this.#opened(),
      closed: (problem) => this.#closed(problem),
      text: (data) => this.#hear(readLiveEvent(data)),
      binary: (data) => this.#take(readLivePart(data)),
    });
  }

  /** Sends a tile's pictures from now on, over every connection that there will be. */
  open(wish: TileWish, events: TileEvents): LiveTile {
    const number = this.#freeNumber();
    const tile: Tile = { wish, events, feed: undefined, refusals: 0, retry: undefined };
    this.#tiles.set(number, tile);
    this.#ask(number, tile);
    return {
      change: (next) => {
        tile.wish = next;
        tile.refusals = 0;
        this.#ask(number, tile);
      },
      restart: () => this.#ask(number, tile),
      unsupported: (codec) => this.#say({ type: 'unsupported', tile: number, codec }),
      close: () => {
        if (this.#tiles.get(number) !== tile) return;
        clearTimeout(tile.retry);
        this.#tiles.delete(number);
        this.#say({ type: 'close', tile: number });
      },
    };
  }

  /** Sends the sound of that stream's camera, and of no other, over every connection that there will be. @returns what ends that */
  listenTo(stream: string, events: SocketSoundEvents): () => void {
    const sound = { stream, events, feed: undefined };
    this.#sound = sound;
    this.#listen();
    return () => {
      if (this.#sound !== sound) return;
      this.#sound = undefined;
      this.#listen();
    };
  }

  #listen(): void {
    const { stream } = this.#sound ?? {};
    this.#say(stream ? { type: 'listen', tile: SOUND_NUMBER, stream } : { type: 'listen', tile: null });
  }

  /** Calls when `connection` or `pace` changed. @returns what ends that */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#stopPings();
    for (const { retry } of this.#tiles.values()) clearTimeout(retry);
    this.#tiles.clear();
    this.#listeners.clear();
    this.#connection.end();
  }

  #freeNumber(): number {
    while (this.#tiles.has(this.#nextNumber)) this.#nextNumber = (this.#nextNumber + 1) % TILE_NUMBERS;
    const number = this.#nextNumber;
    // The next one, not this one again: what is under way for it would pass for the other tile's.
    this.#nextNumber = (number + 1) % TILE_NUMBERS;
    return number;
  }

  #say(request: LiveRequest): void {
    this.#connection.say(request);
  }

  #ask(number: number, tile: Tile): void {
    clearTimeout(tile.retry);
    if (this.#tiles.get(number) === tile) this.#say({ type: 'open', tile: number, ...tile.wish });
  }

  #opened(): void {
    // First, so that nothing is sent to a tab that nobody sees.
    if (this.#hidden) this.#say({ type: 'pause' });
    for (const [number, tile] of this.#tiles) {
      tile.feed = undefined;
      this.#ask(number, tile);
    }
    if (this.#sound) {
      this.#sound.feed = undefined;
      this.#listen();
    }
    this.#stopPings();
    this.#firstPings = FIRST_PINGS.map((pause) => setTimeout(this.#ping, pause));
    this.#pings = setInterval(this.#ping, PING_EVERY);
  }

  #closed(problem: string | undefined): void {
    this.#stopPings();
    for (const tile of this.#tiles.values()) clearTimeout(tile.retry);
    const { open, since, proven } = this.connection;
    this.connection = { open: false, since: open ? performance.now() : since, proven, problem };
    this.#changed();
  }

  #hear(event: LiveEvent | undefined): void {
    if (!event) {
      this.counts.bad++;
      return;
    }
    const now = performance.now();
    switch (event.type) {
      case 'hello':
        this.#connection.proven();
        this.clock.sample(this.#connection.begunAt, event.now, now);
        this.connection = { open: true, since: now, proven: true, problem: undefined };
        this.#changed();
        break;
      case 'pong':
        this.clock.sample(event.at, event.now, now);
        break;
      case 'pace':
        this.pace = event;
        this.#changed();
        break;
      case 'tile':
        this.#begin(event);
        break;
      case 'state':
        this.#tiles.get(event.tile)?.events.state(event);
        break;
      case 'sound':
        if (!this.#sound || event.tile !== SOUND_NUMBER) break;
        this.#sound.feed = event.feed;
        this.#sound.events.sound(event);
        break;
      case 'error':
        this.#refused(event);
    }
  }

  #begin(event: LiveEventOf<'tile'>): void {
    const tile = this.#tiles.get(event.tile);
    if (!tile) return;
    clearTimeout(tile.retry);
    tile.feed = event.feed;
    tile.events.tile(event);
  }

  #refused(event: LiveEventOf<'error'>): void {
    const tile = this.#tiles.get(event.tile);
    if (!tile) return;
    tile.feed = undefined;
    const pause = backoff(++tile.refusals, FIRST_REFUSED_PAUSE, LONGEST_REFUSED_PAUSE, Math.random());
    clearTimeout(tile.retry);
    tile.retry = setTimeout(() => this.#ask(event.tile, tile), pause);
    tile.events.error(event);
  }

  #take(part: LivePart | SoundPart | undefined): void {
    if (!part) {
      this.counts.bad++;
      return;
    }
    if (!('key' in part)) {
      if (this.#sound?.feed === part.feed) this.#sound.events.part(part);
      else this.counts.late++;
      return;
    }
    const tile = this.#tiles.get(part.tile);
    if (tile?.feed === part.feed) {
      tile.refusals = 0;
      tile.events.part(part);
    } else this.counts.late++;
  }

  readonly #ping = (): void => this.#say({ type: 'ping', at: performance.now() });

  #stopPings(): void {
    for (const timer of this.#firstPings) clearTimeout(timer);
    clearInterval(this.#pings);
  }

  /** Nothing is sent to a tab that nobody sees: Chromium stops its videos, and what comes would only pile up. */
  readonly #visibility = (): void => {
    if (this.#hidden === document.hidden) return;
    this.#hidden = document.hidden;
    this.#say({ type: this.#hidden ? 'pause' : 'resume' });
  };

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
