import { backoff } from '../api/backoff.ts';
import { type Picture, type PictureWish, sameWish } from './picture.ts';

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
/** A new connection of which the daemon knows nothing for so long is lost. */
const DEAD_AFTER = 4_000;
/** How long another camera's picture is waited for before the tile turns to it without one. */
const TURN_LIMIT = 5_000;
/** The old picture stays beneath the new one so long, for the compositor to have drawn the new one. */
const OVERLAP = 250;
/** A picture that lasted so long starts the pauses anew. */
const PROVEN = 10_000;

export interface Opening {
  open: (wish: PictureWish, changed: () => void) => Picture;
  changed: () => void;
}

/**
 * The pictures of one tile: the one shown, the one being opened to take its place, and the one about to be closed. The
 * shown one stays until the next has its first picture, so a tile never turns black between two.
 */
export class TilePictures {
  readonly host = document.createElement('div');
  #opening: Opening;
  /** Camera that the tile stands for now. */
  #camera: string | undefined;
  #shown: Picture | undefined;
  #deadSince: number | undefined;
  #pending: Picture | undefined;
  /** Opened for the layout that comes next. */
  #prepared: Picture | undefined;
  #leaving: { picture: Picture; at: number } | undefined;
  #failures = 0;
  #retryAt = 0;
  /** When the tile turned to its camera, or was asked to. */
  #askedAt = 0;
  #asked: string | undefined;

  constructor(opening: Opening) {
    this.#opening = opening;
    this.host.className = 'pictures';
  }

  /** Camera whose name and state belong on the tile. */
  get camera(): string | undefined {
    return this.#camera;
  }

  get askedAt(): number {
    return this.#askedAt;
  }

  /** Whether the camera asked for has neither its picture on the screen nor been waited for long enough. */
  waiting(now: number): boolean {
    if (this.#camera !== this.#asked) return true;
    return this.#asked !== undefined && !this.#shown && now - this.#askedAt <= TURN_LIMIT;
  }

  get shown(): Picture | undefined {
    return this.#shown;
  }

  /** Every open picture, for the daemon's reports. */
  open(): Picture[] {
    return [this.#shown, this.#pending, this.#prepared, this.#leaving?.picture].filter(
      (picture) => picture !== undefined,
    );
  }

  /** The picture about to be shown, for what the page says of its painting. */
  get pending(): Picture | undefined {
    return this.#pending;
  }

  /** Since when the picture shown has been known to be dead; undefined: it is not. */
  get deadSince(): number | undefined {
    return this.#shown && this.#deadSince;
  }

  /** Opens another picture in place of this one, which stays until that is there. False: it is not the one shown. */
  replace(viewer: string, now: number): boolean {
    if (this.#shown?.viewer !== viewer) return false;
    this.#deadSince ??= now;
    this.#retryAt = 0;
    return true;
  }

  /** Opens a picture that will soon be asked for, unseen. Undefined: it will not. */
  prepare(wish: PictureWish | undefined): void {
    const prepared = this.#prepared;
    if (prepared && wish && sameWish(prepared.wish, wish) && !prepared.failed) return;
    this.#closePrepared();
    if (!wish || (this.#shown && this.#deadSince === undefined && sameWish(this.#shown.wish, wish))) return;
    this.#prepared = this.#open(wish);
  }

  /** Whether what was prepared could be shown now. */
  get isPrepared(): boolean {
    return !this.#prepared || this.#prepared.paintedAt !== undefined || this.#prepared.failed;
  }

  /** The daemon was restarted: every connection is dead or about to be. */
  reopen(): void {
    this.#deadSince ??= performance.now();
    this.#closePending();
    this.#closePrepared();
    this.#failures = 0;
    this.#retryAt = 0;
  }

  /**
   * Brings the tile closer to what it should show. `wish` undefined: nothing can be opened for that camera.
   * `connected`: the events socket is open, so the daemon would say if it knew of our connections.
   */
  update(now: number, camera: string | undefined, wish: PictureWish | undefined, connected: boolean): void {
    if (this.#asked !== camera) {
      this.#asked = camera;
      this.#askedAt = now;
      this.#failures = 0;
      this.#retryAt = 0;
    }
    if (this.#leaving && now - this.#leaving.at >= OVERLAP) this.#closeLeaving();
    if (!connected) for (const picture of this.open()) picture.excused(now);
    this.#inspect(now);
    if (!wish) {
      this.#closePending();
      this.#turnTo(camera);
      this.#closeShown();
      return;
    }
    if (this.#pending && !sameWish(this.#pending.wish, wish)) this.#closePending();
    const shown = this.#deadSince === undefined ? this.#shown : undefined;
    const satisfied = shown && (sameWish(shown.wish, wish) || shown.adapt(wish));
    if (satisfied) this.#closePending();
    else if (!this.#pending && now >= this.#retryAt) this.#openPending(wish);
    if (this.#camera !== camera && (!this.#shown || now - this.#askedAt > TURN_LIMIT)) this.#turnTo(camera);
  }

  close(): void {
    this.#closePending();
    this.#closePrepared();
    this.#closeShown();
    this.#closeLeaving();
    this.host.remove();
  }

  #openPending(wish: PictureWish): void {
    const prepared = this.#prepared;
    if (prepared && sameWish(prepared.wish, wish) && !prepared.failed) {
      this.#prepared = undefined;
      this.#pending = prepared;
      // Newer than whatever else is there.
      this.host.append(prepared.element);
      if (prepared.paintedAt !== undefined) this.#promote(prepared);
    } else this.#pending = this.#open(wish);
  }

  #open(wish: PictureWish): Picture {
    const picture = this.#opening.open(wish, () => {
      if (this.#pending === picture && picture.paintedAt !== undefined) this.#promote(picture);
      this.#opening.changed();
    });
    this.host.append(picture.element);
    return picture;
  }

  /** The first picture is there: it goes on top, the old one leaves. */
  #promote(picture: Picture): void {
    this.#closeLeaving();
    if (this.#shown) this.#leaving = { picture: this.#shown, at: performance.now() };
    picture.show();
    this.#shown = picture;
    this.#deadSince = undefined;
    this.#pending = undefined;
    this.#camera = picture.wish.camera;
  }

  /** Looks for connections that failed or died. */
  #inspect(now: number): void {
    const pending = this.#pending;
    if (pending && (pending.failed || pending.unknownFor(now) > DEAD_AFTER)) {
      this.#closePending();
      this.#pause(now);
    }
    const shown = this.#shown;
    if (!shown || this.#deadSince !== undefined) return;
    if (shown.failed || shown.unknownFor(now) > DEAD_AFTER) {
      this.#deadSince = now;
      this.#pause(now);
    } else if (shown.paintedAt !== undefined && now - shown.paintedAt > PROVEN) {
      this.#failures = 0;
    }
  }

  #pause(now: number): void {
    this.#failures++;
    this.#retryAt = now + backoff(this.#failures, FIRST_PAUSE, LONGEST_PAUSE, Math.random());
  }

  /** Turns to a camera without waiting for its picture. */
  #turnTo(camera: string | undefined): void {
    if (this.#camera === camera) return;
    this.#camera = camera;
    this.#closeShown();
  }

  #closePending(): void {
    this.#pending?.close();
    this.#pending = undefined;
  }

  #closePrepared(): void {
    this.#prepared?.close();
    this.#prepared = undefined;
  }

  #closeShown(): void {
    this.#shown?.close();
    this.#shown = undefined;
    this.#deadSince = undefined;
  }

  #closeLeaving(): void {
    this.#leaving?.picture.close();
    this.#leaving = undefined;
  }
}
