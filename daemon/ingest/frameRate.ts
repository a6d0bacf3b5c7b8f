import type { AccessUnit } from '../frame.ts';

/** How many access units are looked back on, and how far (ms). */
const WINDOW_UNITS = 128;
const WINDOW = 10_000;
/** Shortest time (ms) over which arrival is taken to be steadier than a wrong media clock. */
const TRUST_ARRIVAL = 4000;
const CLOCK_TOLERANCE = 0.25;
/** A pause of more than this many usual steps is missing pictures, not the camera's rate. */
const GAP = 2.5;
const KEY_INTERVALS = 4;

/**
 * Measures a stream's frame rate and the interval of its key frames: neither the SDP nor the SPS can be trusted
 * (case 70). Media time counts, unless it disagrees with the time of arrival over some seconds (a camera that
 * states a wrong clock rate).
 */
export class FrameRate {
  #units: { mediaTime: number; receivedAt: number }[] = [];
  #lastKey: number | undefined;
  #keyIntervals: number[] = [];
  #latest = 0;

  push(unit: Pick<AccessUnit, 'mediaTime' | 'receivedAt' | 'key'>): void {
    const { mediaTime, receivedAt } = unit;
    this.#latest = mediaTime;
    this.#units.push({ mediaTime, receivedAt });
    while (this.#units.length > WINDOW_UNITS || this.#isOld(receivedAt)) this.#units.shift();
    if (!unit.key) return;
    if (this.#lastKey !== undefined) {
      this.#keyIntervals.push(mediaTime - this.#lastKey);
      if (this.#keyIntervals.length > KEY_INTERVALS) this.#keyIntervals.shift();
    }
    this.#lastKey = mediaTime;
  }

  /** A slow stream keeps three units, however old, or it would have no rate. */
  #isOld(now: number): boolean {
    return this.#units.length > 3 && now - this.#units[0]!.receivedAt > WINDOW;
  }

  reset(): void {
    this.#units = [];
    this.#lastKey = undefined;
    this.#keyIntervals = [];
  }

  /** Frames per second, undefined before the third access unit. */
  get fps(): number | undefined {
    if (this.#units.length < 3) return undefined;
    const arrivals = this.#units.map(({ receivedAt }) => receivedAt);
    // B pictures come after one that is shown later.
    const shown = this.#units.map(({ mediaTime }) => mediaTime).sort((a, b) => a - b);
    const span = (all: readonly number[]) => all.at(-1)! - all[0]!;
    const mediaIsWrong =
      span(arrivals) >= TRUST_ARRIVAL && Math.abs(span(shown) / span(arrivals) - 1) > CLOCK_TOLERANCE;
    const times = mediaIsWrong ? arrivals : shown;
    const steps = times.slice(1).map((time, i) => time - times[i]!);
    const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1]!;
    const regular = mediaIsWrong ? steps : steps.filter((step) => step <= usual * GAP);
    const sum = regular.reduce((total, step) => total + step, 0);
    return sum > 0 ? (regular.length * 1000) / sum : undefined;
  }

  /**
   * Seconds from one key frame to the next: the mean of the latest few, or the time since the last one where that
   * is longer already; undefined before the second key frame unless 10 s have passed without it.
   */
  get keyInterval(): number | undefined {
    if (this.#lastKey === undefined) return undefined;
    const running = this.#latest - this.#lastKey;
    if (this.#keyIntervals.length === 0) return running > WINDOW ? running / 1000 : undefined;
    const mean = this.#keyIntervals.reduce((sum, interval) => sum + interval, 0) / this.#keyIntervals.length;
    return Math.max(mean, running) / 1000;
  }
}
