/** Longest step forward (ms) that a timestamp is believed, and longest step back that may be reordered pictures. */
const MAX_STEP = 10_000;
const MAX_REORDER = 1000;
/** So many timestamps in a row that do not move on are a clock that went back, not B pictures. */
const MAX_BACKWARD = 16;
/** Media time always moves on, if only by this (ms). */
const MIN_STEP = 1;

/**
 * Media time of our own from a camera's 32-bit RTP timestamps (case 69): they wrap, jump, run backwards and stand
 * still. Steps forward of up to 10 s are believed; otherwise the time of arrival tells how far it is from the
 * previous picture. It only goes forward, but for B pictures, which are sent after a later one: between the two latest
 * references their timestamps are believed too.
 */
export class Timeline {
  /** How often the timestamps were not believed and a new reference was taken. */
  discontinuities = 0;

  readonly #ticksPerMs: number;
  /** Reference: a timestamp and the media time (ms) it stands for. */
  #timestamp = 0;
  #base = 0;
  /** The highest result before the reference: B pictures are after it. */
  #before = 0;
  /** Since the reference a timestamp has gone back behind that: no B picture, and those that follow are none either. */
  #steppedBack = false;
  /** Latest result and its arrival (ms), undefined before the first. */
  #last: { time: number; arrival: number } | undefined;
  #backward = 0;
  #broken = false;

  /** `clockRate` in ticks per second; with 0 (seen: `META /0`) or nonsense, everything goes by arrival. */
  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate > 0 && Number.isFinite(clockRate) ? clockRate / 1000 : 0;
  }

  /** The next timestamp belongs to another clock: the source began anew. */
  restart(): void {
    this.#broken = true;
  }

  /** Media time in ms, 0 for the first. `arrival` in ms of a clock that never steps back. */
  at(timestamp: number, arrival: number): number {
    const last = this.#last;
    if (last === undefined) return this.#refer(timestamp, 0, arrival);

    const byArrival = last.time + Math.max(arrival - last.arrival, MIN_STEP);
    const step = this.#ticksPerMs > 0 ? ((timestamp - this.#timestamp) | 0) / this.#ticksPerMs : Number.NaN;
    if (!this.#broken && step > 0 && step <= MAX_STEP) {
      return this.#refer(timestamp, this.#base + step, arrival);
    }
    if (!this.#broken && step <= 0 && step > -MAX_REORDER && ++this.#backward < MAX_BACKWARD) {
      const time = this.#base + step;
      this.#steppedBack ||= step === 0 || time <= this.#before;
      this.#last = { time: this.#steppedBack ? byArrival : last.time, arrival };
      return this.#steppedBack ? byArrival : time;
    }
    if (this.#ticksPerMs > 0) this.discontinuities++;
    return this.#refer(timestamp, byArrival, arrival);
  }

  /**
   * The media time that a timestamp near the latest stands for, without taking it for the next: for sender reports.
   * Undefined where that is not known.
   */
  timeOf(timestamp: number): number | undefined {
    if (this.#last === undefined || this.#broken || this.#ticksPerMs === 0) return undefined;
    const step = ((timestamp - this.#timestamp) | 0) / this.#ticksPerMs;
    return Math.abs(step) <= MAX_STEP ? this.#base + step : undefined;
  }

  #refer(timestamp: number, time: number, arrival: number): number {
    this.#timestamp = timestamp;
    this.#base = time;
    this.#before = this.#last?.time ?? time;
    this.#steppedBack = false;
    this.#backward = 0;
    this.#broken = false;
    // The reference keeps the exact time; what is told never goes back behind a B picture's estimate.
    const told = this.#last === undefined ? time : Math.max(time, this.#last.time + MIN_STEP);
    this.#last = { time: told, arrival };
    return told;
  }
}
