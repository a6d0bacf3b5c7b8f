/** How near to the newest picture a video is played. Pure. Seconds, unless they are said to be something else. */

export interface EdgeView {
  /** From what is played to the newest picture, just after that came. */
  lag: number;
  /** The least of these lately: so much was never needed. */
  spare: number;
  /** From one picture to the next. */
  interval: number;
  /** Times lately that there was nothing left to play. */
  starved: number;
  /** Playback rate now. */
  rate: number;
  /** Since the last jump to the newest picture. */
  sinceJump: number;
  /** How long jumps are not to be tried again. */
  jumpPause: number;
}

export interface EdgeOrder {
  rate: number;
  /** To the newest picture, at once. */
  jump: boolean;
}

/** A jump costs the decoding of all pictures since the last key picture; less than this is caught up with. */
const JUMP_FROM = 0.6;
/** … and so many pictures: at one a second nothing is late yet. */
const JUMP_PICTURES = 4;
/** In hand when a picture comes: what decoding takes, and for each time that it ran dry a part of a picture more. */
const LEAST_IN_HAND = 0.03;
const PICTURES_EACH = 0.25;
const MOST_PICTURES = 1.5;
const MOST_IN_HAND = 0.4;

/** Small steps, so that nobody sees people walk faster: seconds too many, and the rate for them. */
const STEPS = [
  [0.5, 1.5],
  [0.3, 1.25],
  [0.12, 1.12],
  [0.06, 1.06],
  [0.02, 1.03],
] as const;
/** Once begun, it goes on to here. */
const DONE = 0.01;
const SLOWEST_STEP = 1.03;

/** Seconds that are to be in hand when a picture comes. */
export function targetLag(interval: number, starved: number): number {
  const more = interval * Math.min(starved * PICTURES_EACH, MOST_PICTURES);
  return Math.min(LEAST_IN_HAND + more, MOST_IN_HAND);
}

export function steer(view: EdgeView): EdgeOrder {
  const { lag, interval, rate } = view;
  const mayJump = view.sinceJump >= view.jumpPause;
  if (mayJump && lag > Math.max(JUMP_FROM, JUMP_PICTURES * interval)) return { rate: 1, jump: true };
  const excess = view.spare - targetLag(interval, view.starved);
  const step = STEPS.find(([from]) => excess >= from)?.[1];
  if (step !== undefined) return { rate: step, jump: false };
  return { rate: rate > 1 && excess > DONE ? SLOWEST_STEP : 1, jump: false };
}

/** Milliseconds. */
const SPARE_MEMORY = 1_500;
const STARVED_MEMORY = 15_000;
/** Pictures between two times that it ran dry which are of one cause. */
const IN_A_ROW = 5;
const FIRST_JUMP_PAUSE = 3_000;
const LONGEST_JUMP_PAUSE = 60_000;
/** A jump after so long without one has nothing to do with the one before. */
const JUMPS_APART = 30_000;
/** The video is held until so much of a picture is in hand, and not longer than so many. */
const HELD_PART = 0.8;
const HELD_PICTURES = 4;
const LONGEST_HOLD = 500;

/** What `steer` has to know of the past. Times in milliseconds of any clock, brought by the caller. */
export class LiveEdge {
  #lags: { at: number; lag: number }[] = [];
  #starved: number[] = [];
  #starvedAt = -Infinity;
  #jumpedAt = -Infinity;
  #jumpPause = FIRST_JUMP_PAUSE;
  #rate = 1;
  #heldAt: number | undefined;

  /** A picture came, and nothing is being jumped over. */
  arrived(lag: number, interval: number, now: number): EdgeOrder {
    this.#lags.push({ at: now, lag });
    this.#lags = this.#lags.filter(({ at }) => now - at < SPARE_MEMORY);
    this.#starved = this.#starved.filter((at) => now - at < STARVED_MEMORY);
    const starved = this.#starved.length;
    const order = steer({
      lag,
      interval,
      spare: Math.min(...this.#lags.map((one) => one.lag)),
      starved,
      rate: this.#rate,
      sinceJump: (now - this.#jumpedAt) / 1000,
      jumpPause: this.#jumpPause / 1000,
    });
    this.#rate = order.rate;
    if (lag >= Math.max(targetLag(interval, starved), HELD_PART * interval)) this.#heldAt = undefined;
    return order;
  }

  /**
   * Whether the video is to stand still until there is something in hand, after a jump. Chromium would run dry at once, go on with
   * each picture that comes, for a moment, and its clock would fall further behind with each of them.
   */
  held(interval: number, now: number): boolean {
    if (this.#heldAt === undefined) return false;
    const limit = Math.min(HELD_PICTURES * interval * 1000, LONGEST_HOLD);
    if (now - this.#heldAt > limit) this.#heldAt = undefined;
    return this.#heldAt !== undefined;
  }

  /** There was nothing left to play: what was spare before says nothing of now. */
  starved(interval: number, now: number): void {
    this.#lags = [];
    if (now - this.#starvedAt > IN_A_ROW * interval * 1000) this.#starved.push(now);
    this.#starvedAt = now;
  }

  /** Where jumps do not help, they are tried less and less often. */
  jumped(now: number): void {
    const again = now - this.#jumpedAt < JUMPS_APART;
    this.#jumpPause = again ? Math.min(this.#jumpPause * 2, LONGEST_JUMP_PAUSE) : FIRST_JUMP_PAUSE;
    this.#jumpedAt = this.#heldAt = this.#starvedAt = now;
    this.#rate = 1;
    this.#lags = [];
  }
}
