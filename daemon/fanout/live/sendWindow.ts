/** How much may be under way to a viewer. Pure: the caller brings the clock. */

/** Bytes. Less than a small JPEG makes no sense; more than this is never needed on a LAN. */
const LEAST = 16 * 1024;
const MOST = 8 * 1024 * 1024;
const FIRST = 256 * 1024;
/** Bytes of sound that may be under way besides: some seconds. */
const SOUND = 64 * 1024;
/** Milliseconds of waiting on the way, above the shortest way seen, at which the window shrinks, and below which it may grow. */
const TOO_LATE = 300;
const IN_TIME = 150;
const SHRINK = 0.7;
const GROW = 1.5;
/** Milliseconds between two changes: the last one must have had its effect. */
const SETTLE = 150;
/** The shortest way is forgotten after so many milliseconds: routes change. */
const WAY_MEMORY = 60_000;
/** Milliseconds over which the throughput is measured. */
const SPAN = 2_000;

interface Mark {
  /** Bytes sent up to and with this message. */
  upTo: number;
  at: number;
  /** Bytes of it that are sound. */
  sound?: number;
}

/**
 * Bytes sent and bytes that the viewer says it has. TCP takes megabytes before it says that a link is slow (Linux lets its
 * send buffer grow), seconds of a small link, and nobody can take them back: so it is the viewer's acknowledgements that
 * open the window, and its size follows from how long messages are under way.
 */
export class SendWindow {
  #sent = 0;
  #acked = 0;
  #soundUnderWay = 0;
  #limit = FIRST;
  #marks: Mark[] = [];
  #shortest = Infinity;
  #shortestAt = 0;
  #delay: number | null = null;
  #changedAt = -Infinity;
  #filled = false;
  /** When the window last was full and something waited. */
  #fullAt = -Infinity;
  #arrivals: Mark[] = [];

  /** Whether anything may be sent. When nothing is under way a message of any size may. */
  get open(): boolean {
    return this.#sent === this.#acked || this.underWay < this.#limit;
  }

  /**
   * Whether sound may be sent: beyond the window too. The pictures that fill it on a slow connection would keep sound waiting, of
   * which seconds are no more than a picture.
   */
  get openForSound(): boolean {
    return this.open || this.#soundUnderWay < SOUND;
  }

  get underWay(): number {
    return this.#sent - this.#acked;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Milliseconds that the newest acknowledged message was under way. */
  get delay(): number | null {
    return this.#delay;
  }

  sent(bytes: number, now: number, sound = false): void {
    this.#sent += bytes;
    if (sound) this.#soundUnderWay += bytes;
    this.#marks.push({ upTo: this.#sent, at: now, sound: sound ? bytes : 0 });
    if (!this.open) this.#filled = true;
  }

  /** Something waits for the window. */
  held(now: number): void {
    this.#fullAt = now;
  }

  /**
   * @param total bytes that the viewer has had since the beginning
   * @returns false: it says that it has more than was sent, or less than it said before
   */
  acked(total: number, now: number): boolean {
    if (total > this.#sent || total < this.#acked) return false;
    this.#acked = total;
    const newest = this.#marks.findLastIndex(({ upTo }) => upTo <= total);
    if (newest < 0) return true;
    const { at } = this.#marks[newest]!;
    for (const { sound = 0 } of this.#marks.splice(0, newest + 1)) this.#soundUnderWay -= sound;
    this.#delay = now - at;
    if (this.#delay <= this.#shortest || now - this.#shortestAt > WAY_MEMORY) {
      this.#shortest = this.#delay;
      this.#shortestAt = now;
    }
    this.#arrivals.push({ upTo: total, at: now });
    while (this.#arrivals.length > 2 && this.#arrivals[1]!.at <= now - SPAN) this.#arrivals.shift();
    this.#adjust(now);
    return true;
  }

  #adjust(now: number): void {
    if (now - this.#changedAt < SETTLE) return;
    const waited = (this.#delay ?? 0) - this.#shortest;
    if (waited > TOO_LATE && this.#limit > LEAST) this.#limit = Math.max(this.#limit * SHRINK, LEAST);
    else if (waited < IN_TIME && this.#filled && this.#limit < MOST)
      this.#limit = Math.min(this.#limit * GROW, MOST);
    else return;
    this.#changedAt = now;
    this.#filled = false;
  }

  /** Milliseconds for which the oldest message that is not acknowledged has been under way; 0: there is none. */
  oldest(now: number): number {
    const [first] = this.#marks;
    return first ? now - first.at : 0;
  }

  /** What got through in the last two seconds, bit/s. */
  bitsPerSecond(now: number): number {
    const [first] = this.#arrivals;
    const last = this.#arrivals.at(-1);
    if (!first || !last || last.at < now - 2 * SPAN) return 0;
    return ((last.upTo - first.upTo) * 8000) / Math.max(now - first.at, 1);
  }

  /** Whether something had to wait lately. */
  full(now: number): boolean {
    return now - this.#fullAt < SPAN;
  }
}
