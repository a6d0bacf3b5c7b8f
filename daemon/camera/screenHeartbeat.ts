import type { PageEvent, System } from '../schema.ts';

type Painted = Extract<PageEvent, { type: 'painted' }>;

/** What the box's own screen last said of itself. No word for long means that nobody sees anything. */
export class ScreenHeartbeat {
  #at: number | undefined;
  #unix = 0;
  #tiles = 0;
  #painting = 0;

  /** The page on the screen has said what it paints. */
  beat({ tiles }: Pick<Painted, 'tiles'>): void {
    this.#at = performance.now();
    this.#unix = Date.now() / 1000;
    this.#tiles = tiles.length;
    this.#painting = tiles.filter(({ hash }) => hash !== null).length;
  }

  /** When that was, `performance.now()` milliseconds, for watchdogs; undefined: no screen has said anything yet. */
  get lastScreenHeartbeat(): number | undefined {
    return this.#at;
  }

  /** The same for people, in Unix seconds; null: no screen has said anything since the daemon began. */
  state(): System['screen'] {
    if (this.#at === undefined) return null;
    return { heartbeat: this.#unix, tiles: this.#tiles, painting: this.#painting };
  }
}
