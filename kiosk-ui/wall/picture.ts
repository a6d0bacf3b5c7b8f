import type { PaintProof } from './paintProof.ts';
import type { PictureReport } from './pictureAge.ts';

/** What a picture shows; another key means another request. */
export interface PictureWish {
  camera: string;
  stream: string;
  width: number;
  height: number;
  paced: boolean;
}

export function sameWish(a: PictureWish, b: PictureWish): boolean {
  return a.stream === b.stream && a.width === b.width && a.height === b.height && a.paced === b.paced;
}

/** One picture of a tile, from opening to `close()`, however it comes. Times are milliseconds of the page's clock. */
export interface Picture {
  readonly wish: PictureWish;
  /** page.tile, unique. */
  readonly viewer: string;
  readonly openedAt: number;
  readonly element: HTMLElement;
  /** When the first picture was there. */
  readonly paintedAt: number | undefined;
  /** The request failed, or ended although a picture has no end. */
  readonly failed: boolean;
  readonly report: PictureReport | undefined;
  /** Its pixels, where they can be read back to prove what is painted; undefined: its player watches over that itself. */
  readonly pixels: HTMLImageElement | undefined;
  /** What its pixels say, while it is on the screen. */
  proof: PaintProof | undefined;
  /** Its pixels cannot be read back after all. */
  unprovable: boolean;
  /** Why it does not come as it was asked for, in words; empty: it does. */
  readonly note: string;
  /** From now on it is to be seen. */
  show(): void;
  /** Turns to another wish by itself, where it can. */
  adapt(wish: PictureWish): boolean;
  /** The daemon's word on this connection. */
  reported(ageMs: number | null, unchangedMs: number | null, now: number): void;
  /** The daemon's list has not this connection. */
  unreported(): void;
  /** The events socket was away: the daemon could not say anything about this connection. */
  excused(now: number): void;
  /** Milliseconds for which the daemon has not known of this connection. */
  unknownFor(now: number): number;
  close(): void;
}
