/** How much a viewer is sent: less when its connection carries no more, and more again. Pure. */

/** 0: what was asked for. */
export const LOWEST_LEVEL = 5;

/** What a level makes of JPEGs. The first two levels leave them as asked for, but for the second's smaller stream. */
export interface JpegBounds {
  fps: number | undefined;
  /** Of width and height. */
  scale: number;
  quality: number | undefined;
}

export interface Level {
  /** The camera's small stream in place of the one that was asked for. */
  small: boolean;
  /** The camera's own video is given up: it cannot be made smaller than the camera made it. */
  jpeg: boolean;
  bounds: JpegBounds;
}

const AS_ASKED: JpegBounds = { fps: undefined, scale: 1, quality: undefined };

/** Sub stream, then fewer pictures, then smaller ones, then worse ones. */
export const LEVELS: readonly Level[] = [
  { small: false, jpeg: false, bounds: AS_ASKED },
  { small: true, jpeg: false, bounds: AS_ASKED },
  { small: true, jpeg: true, bounds: { ...AS_ASKED, fps: 5 } },
  { small: true, jpeg: true, bounds: { ...AS_ASKED, fps: 2 } },
  { small: true, jpeg: true, bounds: { fps: 2, scale: 0.5, quality: undefined } },
  { small: true, jpeg: true, bounds: { fps: 2, scale: 0.5, quality: 40 } },
];

/** Milliseconds. Strain must last so long before a step down; a step needs so long to show what it does. */
const STRAINED_FOR = 1_500;
const SETTLE = 4_000;
/** Without strain for so long before a step up is tried; twice as long after each one that failed. */
const CALM_FIRST = 10_000;
const CALM_MOST = 300_000;
/** A step up has failed when strain comes back within so long. */
const TRIAL = 20_000;

export interface Observation {
  /** Video was given up for the next key picture, or a tile waited for more than a second for its next picture. */
  strained: boolean;
  /** The connection carries all that it can: there is no room for more. */
  full: boolean;
}

/** Goes down soon and up slowly, and slower still where going up did not last. */
export class Ladder {
  #level = 0;
  #strainedSince: number | undefined;
  #changedAt = -Infinity;
  #calmSince: number | undefined;
  #calmNeeded = CALM_FIRST;
  #triedAt = -Infinity;
  #failed = false;

  get level(): number {
    return this.#level;
  }

  /** To be told about once a second. @param now milliseconds @returns the level from now on */
  observe({ strained, full }: Observation, now: number): number {
    if (strained || full) this.#calmSince = undefined;
    else this.#calmSince ??= now;
    if (!strained) this.#strainedSince = undefined;
    else this.#strainedSince ??= now;
    if (now - this.#changedAt < SETTLE) return this.#level;

    if (this.#strainedSince !== undefined && now - this.#strainedSince >= STRAINED_FOR) this.#down(now);
    else if (this.#calmSince !== undefined && now - this.#calmSince >= this.#calmNeeded) this.#up(now);
    return this.#level;
  }

  #down(now: number): void {
    if (this.#level === LOWEST_LEVEL) return;
    if (now - this.#triedAt < TRIAL) {
      this.#failed = true;
      this.#calmNeeded = Math.min(this.#calmNeeded * 2, CALM_MOST);
    }
    this.#to(this.#level + 1, now);
  }

  #up(now: number): void {
    if (this.#level === 0) return;
    if (!this.#failed) this.#calmNeeded = CALM_FIRST;
    this.#failed = false;
    this.#triedAt = now;
    this.#to(this.#level - 1, now);
  }

  #to(level: number, now: number): void {
    this.#level = level;
    this.#changedAt = now;
    this.#strainedSince = undefined;
    this.#calmSince = undefined;
  }
}
