import type { AccessUnit } from '../frame.ts';

export interface GopCacheLimits {
  /** Access unit data, bytes. */
  readonly bytes: number;
  readonly units: number;
}

const LIMITS: GopCacheLimits = { bytes: 16 * 1024 * 1024, units: 600 };

/**
 * The current group of pictures of a stream: the latest key access unit and all that came after it, so that a new
 * decoder can catch up at once. Where a group outgrows the limits ("smart" codecs leave out key frames for a minute,
 * case 71), the cache is empty until the next key access unit: no part of a group serves, since the newest
 * pictures need all the earlier ones.
 */
export class GopCache {
  readonly #limits: GopCacheLimits;
  #units: AccessUnit[] = [];
  #bytes = 0;
  /** Groups that outgrew the limits. */
  overflows = 0;

  constructor(limits: Partial<GopCacheLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Bytes of access unit data held. */
  get bytes(): number {
    return this.#bytes;
  }

  push(unit: AccessUnit): void {
    if (unit.key) this.clear();
    else if (this.#units.length === 0) return;
    if (this.#bytes + unit.data.length > this.#limits.bytes || this.#units.length >= this.#limits.units) {
      this.overflows++;
      this.clear();
      return;
    }
    this.#units.push(unit);
    this.#bytes += unit.data.length;
  }

  /** The key access unit first, then the others in order; empty where a decoder could not begin. A copy. */
  units(): readonly AccessUnit[] {
    return this.#units.slice();
  }

  clear(): void {
    this.#units = [];
    this.#bytes = 0;
  }
}
