import { setTimeout as sleep } from 'node:timers/promises';

/** Speeds from -1 to 1; right, up and closer are positive. */
export interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** How the camera is told. Both reject when it was not. */
export interface MoverPort {
  move(velocity: Velocity, seconds: number): Promise<void>;
  stop(): Promise<void>;
  /** After a failed move: the camera answered, and nothing moves because of it. */
  answered(error: unknown): boolean;
  /** After a failed stop: telling it again is of no use. */
  hopeless(error: unknown): boolean;
  /** It could not be stopped. */
  lost(error: unknown): void;
}

/** Milliseconds between one failed Stop and the next; the last one again and again. */
const PAUSES = [100, 300, 1000, 2000, 5000] as const;
/** Whoever asked for the stop is told after so many failures; it is tried on. */
const TOLD_AFTER = 2;
/** Milliseconds. A camera that cannot be told for so long has stopped by its own timeout. */
const GIVE_UP = 60_000;

interface Wish {
  /** undefined: stop. */
  readonly move: { readonly velocity: Velocity; readonly seconds: number } | undefined;
  waiting: PromiseWithResolvers<void>[];
}

/**
 * Sees to it that a camera which was set in motion comes to rest: when it is told to, when the time is over, when the
 * caller vanishes. One request is under way at a time; of those that come meanwhile (a drag sends many) only the newest
 * is kept.
 */
export class Mover {
  readonly #port: MoverPort;
  #wish: Wish | undefined;
  #wake = Promise.withResolvers<void>();
  #pumping = false;
  #timer: NodeJS.Timeout | undefined;
  #moving = false;

  constructor(port: MoverPort) {
    this.#port = port;
  }

  /** It may be moving: it was told to, and has not confirmed a stop since. */
  get moving(): boolean {
    return this.#moving || this.#wish !== undefined || this.#pumping;
  }

  /** Moves at most `seconds` from now, unless told again. Resolves when the camera took this wish or a newer one. */
  move(velocity: Velocity, seconds: number): Promise<void> {
    clearTimeout(this.#timer);
    // Whoever asked for the move is gone by then: nobody waits for this stop.
    this.#timer = setTimeout(() => void this.stop().catch(() => {}), seconds * 1000);
    return this.#put({ velocity, seconds });
  }

  /** Resolves when the camera has confirmed it. */
  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#put(undefined);
  }

  /** Stops what moves, within so many milliseconds; what still waits then is given up. */
  async end(limit: number): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.moving) return;
    const timer = new AbortController();
    const stopped = this.#put(undefined).catch(() => {});
    await Promise.race([stopped, sleep(limit, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }

  #put(move: Wish['move']): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#wish = { move, waiting: [...(this.#wish?.waiting ?? []), waiter] };
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
    if (!this.#pumping) void this.#pump();
    return waiter.promise;
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#wish) {
      const wish = this.#wish;
      this.#wish = undefined;
      if (wish.move) await this.#sendMove(wish, wish.move);
      else await this.#sendStop(wish);
    }
    this.#pumping = false;
  }

  async #sendMove(wish: Wish, { velocity, seconds }: NonNullable<Wish['move']>): Promise<void> {
    const before = this.#moving;
    this.#moving = true;
    try {
      await this.#port.move(velocity, seconds);
      settle(wish);
    } catch (error) {
      settle(wish, error);
      // Nobody knows whether it moves: the request may have arrived and the answer got lost.
      this.#moving = before || !this.#port.answered(error);
      if (this.#moving) this.#wish ??= { move: undefined, waiting: [] };
      else clearTimeout(this.#timer);
    }
  }

  async #sendStop(wish: Wish): Promise<void> {
    const began = performance.now();
    for (let failures = 0; ; ) {
      try {
        await this.#port.stop();
        this.#moving = false;
        return settle(wish);
      } catch (error) {
        failures += 1;
        const hopeless = this.#port.hopeless(error) || performance.now() - began > GIVE_UP;
        if (hopeless && this.#moving) this.#port.lost(error);
        if (hopeless) this.#moving = false;
        if (hopeless || !this.#moving || failures >= TOLD_AFTER) settle(wish, error);
        if (!this.#moving) return;
        await this.#pause(PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0);
        const newer = this.#wish;
        if (newer) {
          newer.waiting.push(...wish.waiting);
          return;
        }
      }
    }
  }

  /** Ends early when there is a newer wish. */
  async #pause(milliseconds: number): Promise<void> {
    if (this.#wish) return;
    const timer = new AbortController();
    await Promise.race([
      this.#wake.promise,
      sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
  }
}

/** Tells those who wait, once. */
function settle(wish: Wish, error?: unknown): void {
  for (const waiter of wish.waiting) {
    if (error === undefined) waiter.resolve();
    else waiter.reject(error);
  }
  wish.waiting = [];
}
