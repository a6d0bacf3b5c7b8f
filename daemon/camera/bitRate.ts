import type { AccessUnit } from '../frame.ts';

/**
 * How many bits a second a stream has, over whole groups of pictures: a key picture is ten times as large as those between. Where there
 * is no whole one yet, over what came. Pure.
 */
export class BitRate {
  #first: number | undefined;
  #last = 0;
  #bytes = 0;
  /** At the first key picture, and at the latest. */
  #keys: { from: number; bytesBefore: number; until: number; bytes: number } | undefined;

  push({ key, mediaTime, data }: Pick<AccessUnit, 'key' | 'mediaTime' | 'data'>): void {
    this.#first ??= mediaTime;
    this.#last = mediaTime;
    if (key) {
      const here = { until: mediaTime, bytes: this.#bytes };
      this.#keys = this.#keys
        ? { ...this.#keys, ...here }
        : { from: mediaTime, bytesBefore: this.#bytes, ...here };
    }
    this.#bytes += data.length;
  }

  reset(): void {
    this.#first = undefined;
    this.#bytes = 0;
    this.#keys = undefined;
  }

  /** Bits a second; undefined before the second picture. */
  get value(): number | undefined {
    const keys = this.#keys;
    if (keys && keys.until > keys.from)
      return ((keys.bytes - keys.bytesBefore) * 8_000) / (keys.until - keys.from);
    const span = this.#last - (this.#first ?? this.#last);
    return span > 0 ? (this.#bytes * 8_000) / span : undefined;
  }
}
