import type { LiveFormat, LiveReason } from '../../daemon/schema.ts';
import { browserFormats, formatsIn } from './formats.ts';
import { JpegPlayer } from './jpegPlayer.ts';
import type { LiveEventOf } from './liveEvent.ts';
import type { LiveSocket, LiveTile, TileWish } from './liveSocket.ts';
import { MsePlayer } from './msePlayer.ts';
import { PaintRate } from './paintRate.ts';
import { PictureStack } from './pictureStack.ts';
import type { Player, PlayerCounts, PlayerEvents } from './player.ts';
import { WebCodecsPlayer } from './webCodecsPlayer.ts';

export interface PictureWish extends Omit<TileWish, 'formats'> {
  /** The best first; default: what the browser can do, or the page's address says (`?formats=jpeg`). */
  formats?: LiveFormat[];
  /** What the picture stands for, a camera's id; default: the stream. The picture of another one is not left standing. */
  subject?: string;
}

export interface PictureEvents {
  /** Anything but a picture: the state, the format, the connection. */
  changed?: () => void;
  /** A picture of the shown player is on the screen. `time`: when the box had it, Unix milliseconds of its clock. */
  painted?: (time: number) => void;
}

/** Milliseconds that an old picture stays when the tile turned to another subject whose picture does not come. */
const TURN_LIMIT = 5_000;
/** A player that failed is replaced after so long; where it fails so often within so long, by one of another format. */
const RETRY_PAUSE = 500;
const MOST_FAILURES = 3;
const FAILURE_MEMORY = 60_000;

const PLAYERS: Record<LiveFormat, new (events: PlayerEvents) => Player> = {
  mp4: MsePlayer,
  annexb: WebCodecsPlayer,
  jpeg: JpegPlayer,
};

/**
 * The picture of one tile, in a host element of its own. When pictures come in another way, or those of another stream, the one on
 * the screen stays until the new one has painted, so a tile never turns black between two.
 */
export class LivePicture {
  /** The box's last word on the stream. */
  state: LiveEventOf<'state'> | undefined;
  /** Why the box does not send the tile. */
  error: LiveEventOf<'error'> | undefined;
  readonly #socket: LiveSocket;
  readonly #events: PictureEvents;
  readonly #tile: LiveTile;
  readonly #stack = new PictureStack();
  readonly #rate = new PaintRate();
  readonly #unlisten: () => void;
  #wish: PictureWish;
  /** The wish as the box has it. */
  #asked: TileWish;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #failures: number[] = [];
  /** Formats that failed again and again. */
  #given = new Set<LiveFormat>();
  #closed = false;

  constructor(socket: LiveSocket, wish: PictureWish, events: PictureEvents = {}) {
    this.#socket = socket;
    this.#events = events;
    this.#wish = wish;
    this.#asked = this.#request();
    this.#unlisten = socket.listen(() => this.#changed());
    this.#tile = socket.open(this.#asked, {
      tile: (event) => this.#begin(event),
      state: (event) => {
        this.state = event;
        this.#changed();
      },
      error: (event) => {
        this.error = event;
        this.#changed();
      },
      part: (part) => this.#stack.newest?.player.push(part),
    });
  }

  get host(): HTMLElement {
    return this.#stack.host;
  }

  /** Of the picture on the screen, or of the first that is to be. */
  get stream(): string {
    return this.#feed?.stream ?? this.#wish.stream;
  }

  /** What the picture on the screen stands for. */
  get subject(): string {
    return this.#stack.shown?.subject ?? subjectOf(this.#wish);
  }

  get format(): LiveFormat | undefined {
    return this.#feed?.format;
  }

  /** Why it comes in that format. */
  get reason(): LiveReason | undefined {
    const reason = this.#feed?.reason;
    // The box takes for the wish what is left of it.
    return reason === 'wished' && this.#given.size > 0 ? 'codec' : reason;
  }

  /** Pictures a second. */
  get rate(): number {
    return this.#rate.at(performance.now());
  }

  get counts(): PlayerCounts {
    return this.#stack.shown?.player.counts ?? { decoded: 0, dropped: 0, painted: 0 };
  }

  /** When the box had the picture that is on the screen, Unix milliseconds of its clock. */
  get pictureTime(): number | undefined {
    return this.#stack.shown?.player.pictureTime;
  }

  /** Milliseconds that the picture on the screen is old; undefined: there is none. @param now of the page's clock */
  age(now = performance.now()): number | undefined {
    const boxNow = this.#socket.clock.boxTime(now);
    return boxNow === undefined ? undefined : this.#stack.shown?.player.age(boxNow);
  }

  /** Another stream, or other bounds. */
  change(wish: PictureWish): void {
    const before = this.#wish;
    this.#wish = wish;
    if (before.stream !== wish.stream) {
      this.#given.clear();
      this.#failures = [];
      this.state = undefined;
    }
    const turned = subjectOf(before) !== subjectOf(wish);
    if (turned) this.#after(TURN_LIMIT, () => this.#turn());
    const next = this.#request();
    // Video comes as the camera makes it: another size of the tile is no reason to begin anew.
    if (turned || this.#stack.newest?.format === 'jpeg' || !sameVideo(next, this.#asked)) this.#ask(next);
  }

  /** Ends the tile; nothing of it stays on the page. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#tile.close();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stack.close();
  }

  get #feed() {
    return this.#stack.shown ?? this.#stack.newest;
  }

  #request(): TileWish {
    const { subject: _, formats, ...rest } = this.#wish;
    const wished =
      formats ?? formatsIn(new URLSearchParams(location.search).get('formats')) ?? browserFormats();
    const left = wished.filter((format) => !this.#given.has(format));
    return { ...rest, formats: left.length > 0 ? left : ['jpeg'] };
  }

  #ask(next: TileWish): void {
    if (JSON.stringify(next) === JSON.stringify(this.#asked)) return;
    this.#asked = next;
    this.error = undefined;
    this.#tile.change(next);
  }

  #begin({ format, reason, stream }: LiveEventOf<'tile'>): void {
    this.error = undefined;
    const player: Player = new PLAYERS[format]({
      painted: (time) => this.#painted(player, time),
      failed: (why) => this.#failed(player, why),
      unsupported: (codec) => {
        if (player === this.#stack.newest?.player) this.#tile.unsupported(codec);
      },
    });
    this.#stack.add({ player, format, reason, stream, subject: subjectOf(this.#wish) });
    this.#changed();
    // JPEGs are made to measure, and the tile may have grown since.
    if (format === 'jpeg') this.#ask(this.#request());
  }

  #painted(player: Player, time: number): void {
    if (this.#stack.promote(player)) {
      this.#rate.clear();
      this.#changed();
    }
    if (player !== this.#stack.shown?.player) return;
    this.#rate.add(player.counts.painted, performance.now());
    this.#events.painted?.(time);
  }

  /** The tile stands for another subject by now, whether its picture has come or not. */
  #turn(): void {
    const { shown } = this.#stack;
    if (!shown || shown.subject === subjectOf(this.#wish)) return;
    this.#stack.dropShown();
    this.#changed();
  }

  #failed(player: Player, why: string): void {
    const feed = this.#stack.newest;
    if (player !== feed?.player) return;
    console.warn(`walleye: ${feed.stream} as ${feed.format}: ${why}`);
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_MEMORY), now];
    if (this.#failures.length >= MOST_FAILURES && feed.format !== 'jpeg') {
      this.#given.add(feed.format);
      this.#failures = [];
    }
    this.#after(RETRY_PAUSE, () => {
      const next = this.#request();
      if (JSON.stringify(next) !== JSON.stringify(this.#asked)) this.#ask(next);
      else this.#tile.restart();
    });
  }

  #after(pause: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, pause);
    this.#timers.add(timer);
  }

  #changed(): void {
    if (!this.#closed) this.#events.changed?.();
  }
}

function subjectOf({ subject, stream }: PictureWish): string {
  return subject ?? stream;
}

/** Whether video would be the same: bounds are of JPEGs only. */
function sameVideo(a: TileWish, b: TileWish): boolean {
  return a.stream === b.stream && a.formats.join() === b.formats.join();
}
