import { fed, type PaintProof } from './paintProof.ts';
import type { Picture, PictureWish } from './picture.ts';
import type { PictureReport } from './pictureAge.ts';

export interface MjpegPictureOptions {
  url: string;
  /** page.tile, unique, so that the daemon's reports and the browser's image cache keep pictures apart. */
  viewer: string;
  wish: PictureWish;
  now: number;
  /** Ask for pixels that may be read back, at another address than the page's. */
  cors: boolean;
  /** The first picture is there, or the request failed. */
  changed: () => void;
}

/** One M-JPEG `<img>` and its connection, from opening to `close()`. Times are milliseconds of the page's clock. */
export class MjpegPicture implements Picture {
  readonly wish: PictureWish;
  readonly viewer: string;
  readonly openedAt: number;
  readonly element = document.createElement('img');
  readonly pixels = this.element;
  readonly note = '';
  /** When the first picture was there. */
  paintedAt: number | undefined;
  #failed = false;
  report: PictureReport | undefined;
  /** What its pixels say, while it is on the screen. */
  proof: PaintProof | undefined;
  /** Its pixels cannot be read back. */
  unprovable = false;
  /** When the daemon last knew of this connection, or the opening. */
  #knownAt: number;

  constructor({ url, viewer, wish, now, cors, changed }: MjpegPictureOptions) {
    this.viewer = viewer;
    this.wish = wish;
    this.openedAt = now;
    this.#knownAt = now;
    const image = this.element;
    image.alt = '';
    image.draggable = false;
    if (cors) image.crossOrigin = 'anonymous';
    // Chromium fires `load` after the first part of a multipart picture, and not again.
    image.onload = () => {
      this.paintedAt ??= performance.now();
      changed();
    };
    image.onerror = () => {
      this.#failed = true;
      changed();
    };
    image.src = url;
  }

  /** From now on it is to be seen. */
  show(): void {
    this.element.className = 'painted';
  }

  adapt(): boolean {
    return false;
  }

  /** The request failed, or ended although a picture has no end. */
  get failed(): boolean {
    // A connection that is reset in the middle of a part leaves nothing on the screen, and Chromium fires no event.
    return this.#failed || (this.paintedAt !== undefined && this.element.naturalWidth === 0);
  }

  /** The daemon's word on this connection. */
  reported(ageMs: number | null, unchangedMs: number | null, now: number): void {
    this.#knownAt = now;
    this.report = { ageMs, unchangedMs, at: now };
    if (this.proof) this.proof = fed(this.proof, unchangedMs, now);
  }

  /** The daemon's list has not this connection: if it ever had, the connection is closed, whatever the browser thinks. */
  unreported(): void {
    if (this.report) this.#failed = true;
  }

  /** The events socket was away: the daemon could not say anything about this connection. */
  excused(now: number): void {
    this.#knownAt = now;
  }

  /** Milliseconds for which the daemon has not known of this connection. */
  unknownFor(now: number): number {
    return now - this.#knownAt;
  }

  /** Ends the request: a picture that is merely taken out of the page stays connected (photonvision PR 1293). */
  close(): void {
    const image = this.element;
    image.onload = image.onerror = null;
    image.src = '';
    image.remove();
  }
}
