import type { LiveFormat, LiveReason } from '../../daemon/schema.ts';
import type { Player } from './player.ts';

/** One way in which a tile's pictures came. */
export interface Feed {
  readonly player: Player;
  readonly format: LiveFormat;
  readonly reason: LiveReason;
  readonly stream: string;
  /** What the picture stands for. */
  readonly subject: string;
}

/** Milliseconds that the old picture stays beneath the new one, for the compositor to have drawn that. */
const OVERLAP = 250;

/** The players of one tile in their host: the one that is seen, the one that is to take its place, those that leave. */
export class PictureStack {
  readonly host = document.createElement('div');
  #shown: Feed | undefined;
  #coming: Feed | undefined;
  #leaving = new Map<Feed, ReturnType<typeof setTimeout>>();

  constructor() {
    Object.assign(this.host.style, {
      position: 'relative',
      width: '100%',
      height: '100%',
      isolation: 'isolate',
    });
  }

  get shown(): Feed | undefined {
    return this.#shown;
  }

  /** What comes is for that one. */
  get newest(): Feed | undefined {
    return this.#coming ?? this.#shown;
  }

  /** Beneath what is shown, until its first picture is there. */
  add(feed: Feed): void {
    this.#coming?.player.close();
    this.#coming = feed;
    feed.player.element.style.zIndex = '0';
    this.host.append(feed.player.element);
  }

  /** Its first picture is there: it goes on top, the one before leaves. @returns false: it is on top already, or left */
  promote(player: Player): boolean {
    const feed = this.#coming;
    if (!feed || feed.player !== player) return false;
    const before = this.#shown;
    this.#shown = feed;
    this.#coming = undefined;
    feed.player.element.style.zIndex = '1';
    if (before) {
      before.player.element.style.zIndex = '0';
      const end = () => {
        this.#leaving.delete(before);
        before.player.close();
      };
      this.#leaving.set(before, setTimeout(end, OVERLAP));
    }
    return true;
  }

  /** The picture on the screen is taken away, whether there is another or not. */
  dropShown(): void {
    this.#shown?.player.close();
    this.#shown = undefined;
  }

  close(): void {
    for (const [feed, timer] of this.#leaving) {
      clearTimeout(timer);
      feed.player.close();
    }
    this.#coming?.player.close();
    this.#shown?.player.close();
    this.host.remove();
  }
}
