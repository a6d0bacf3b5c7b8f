import type { LivePart } from './liveMessage.ts';

export interface PlayerEvents {
  /** Another picture is on the screen. `time`: when the box had it, Unix milliseconds of its clock. */
  painted: (time: number) => void;
  /** It plays no more. Another one may. */
  failed: (why: string) => void;
  /** The browser plays no such codec. */
  unsupported: (codec: string) => void;
}

export interface PlayerCounts {
  /** Pictures that were decoded, those of the past among them. */
  decoded: number;
  /** Pictures that came and were never shown: too late, or not to be decoded. */
  dropped: number;
  painted: number;
}

/** Plays the pictures of one feed in one element of its own. */
export abstract class Player {
  abstract readonly element: HTMLElement;
  readonly counts: PlayerCounts = { decoded: 0, dropped: 0, painted: 0 };
  /** When it last painted, `performance.now()`. */
  paintedAt: number | undefined;
  /** When the box had the picture that is on the screen, Unix milliseconds of its clock. */
  pictureTime: number | undefined;
  protected readonly events: PlayerEvents;

  constructor(events: PlayerEvents) {
    this.events = events;
  }

  abstract push(part: LivePart): void;
  abstract close(): void;

  /** How old the picture on the screen is when the box's clock is `boxNow`, milliseconds. */
  age(boxNow: number): number | undefined {
    return this.pictureTime === undefined ? undefined : Math.max(0, boxNow - this.pictureTime);
  }

  /** @param pictures how many, where not each of them could be told by itself */
  protected painted(time: number, pictures = 1): void {
    this.counts.painted += pictures;
    this.paintedAt = performance.now();
    this.pictureTime = time;
    this.events.painted(time);
  }
}

/** Fills the tile's host, whatever its size. The pages' content security policy allows no style attributes. */
export function fill(element: HTMLElement): void {
  Object.assign(element.style, {
    position: 'absolute',
    inset: '0',
    width: '100%',
    height: '100%',
    objectFit: 'var(--walleye-fit, contain)',
  });
}
