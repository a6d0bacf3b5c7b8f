/** One timeline for all that a camera sends, whatever becomes of its sessions and its clock. Pure. */

export interface MediaMoment {
  /** Milliseconds within one RTSP session. */
  readonly mediaTime: number;
  /** `performance.now()` milliseconds. */
  readonly receivedAt: number;
  /** No picture that comes later is shown before this one. Of sound: always. */
  readonly key: boolean;
}

export interface ClockReading {
  /** Milliseconds on the daemon's timeline, that of `performance.now()`. */
  readonly time: number;
  /** The distance from what came before is not the camera's: a new session, a clock that jumped. */
  readonly discontinuity: boolean;
}

/** A part of the deviation that is made good with each picture, and the most at once (ms), which nobody sees. */
const SLEW = 0.01;
const MAX_SLEW = 0.5;
/** Deviation from arrival (ms) from which on the camera's clock is not followed any more. */
const MAX_DEVIATION = 2000;
/** How long (ms) pictures must come too late: a connection that stalled catches up within moments. */
const STALL = 500;
/** How far (ms) pictures may be shown before one that came earlier: what ingest takes for reordering too. */
const MAX_REORDER = 1000;
/** At least between two pictures that come in the order in which they are shown (ms). */
const MIN_STEP = 1;

/**
 * Media time to the daemon's timeline, so that a viewer's buffer survives reconnects: within a session the distances are the
 * camera's, and its clock, which drifts (case 69), is drawn slowly toward ours. The anchor is laid anew where a session begins
 * (a key picture that is not after all before it), and where media time and arrival part by more than two seconds.
 *
 * It never goes back: a picture that is shown after all before it gets a higher time than all of them. Pictures that are
 * shown before one that came earlier (B pictures, up to a second) keep their distance from it, but never get a time before
 * the picture at which the anchor was laid.
 */
export class MediaClock {
  /** Time = media time + offset (ms); undefined before the first picture. */
  #offset: number | undefined;
  #highestMedia = 0;
  #highestTime = 0;
  #anchoredTime = 0;
  /** Since when (arrival, ms) all pictures have been too late to be believed. */
  #lateSince: number | undefined;

  /** The next picture in decoding order. */
  at({ mediaTime, receivedAt, key }: MediaMoment): ClockReading {
    if (this.#offset === undefined) {
      this.#highestTime = Number.NEGATIVE_INFINITY;
      return { time: this.#anchor(mediaTime, receivedAt), discontinuity: false };
    }
    const back = this.#highestMedia - mediaTime;
    const newSession = back > MAX_REORDER || (key && back >= 0);
    const deviation = receivedAt - mediaTime - this.#offset;
    if (newSession || this.#lost(deviation, receivedAt)) {
      return { time: this.#anchor(mediaTime, receivedAt), discontinuity: true };
    }
    this.#offset += Math.max(-MAX_SLEW, Math.min(deviation * SLEW, MAX_SLEW));
    const time = mediaTime + this.#offset;
    if (back > 0) return { time: Math.max(time, this.#anchoredTime), discontinuity: false };
    this.#highestMedia = mediaTime;
    this.#highestTime = Math.max(time, this.#highestTime + MIN_STEP);
    return { time: this.#highestTime, discontinuity: false };
  }

  /** The time of something else on the same media clock, sound; undefined before the first picture. */
  timeOf(mediaTime: number): number | undefined {
    return this.#offset === undefined ? undefined : mediaTime + this.#offset;
  }

  /** Too early, as in a burst of pictures from before PLAY: at once. Too late: only where it lasts. */
  #lost(deviation: number, receivedAt: number): boolean {
    if (deviation <= MAX_DEVIATION) {
      this.#lateSince = undefined;
      return deviation < -MAX_DEVIATION;
    }
    this.#lateSince ??= receivedAt;
    return receivedAt - this.#lateSince >= STALL;
  }

  #anchor(mediaTime: number, receivedAt: number): number {
    const time = Math.max(receivedAt, this.#highestTime + MIN_STEP);
    this.#offset = time - mediaTime;
    this.#lateSince = undefined;
    this.#highestMedia = mediaTime;
    this.#highestTime = time;
    this.#anchoredTime = time;
    return time;
  }
}
