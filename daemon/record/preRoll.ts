/** The last seconds of a stream in memory, for a recording that shall begin before somebody knew of it. Pure. */
import type { AccessUnit, AudioFrame } from '../frame.ts';

export type StreamItem = AccessUnit | AudioFrame;

export const isPicture = (item: StreamItem): item is AccessUnit => 'video' in item;

interface Group {
  readonly items: StreamItem[];
  bytes: number;
  /** Arrival of its key picture and of the last of it, `performance.now()` milliseconds. */
  readonly begins: number;
  ends: number;
}

/**
 * Whole groups of pictures, and the sound that came among them, from the key picture on that came at least so long ago. The oldest
 * group goes when they need too much memory; a group that needs too much by itself is not kept at all.
 */
export class PreRoll {
  /** Milliseconds. */
  length: number;
  readonly #most: () => number;
  #groups: Group[] = [];
  #bytes = 0;

  /** @param length milliseconds @param most bytes, asked for each time */
  constructor(length: number, most: () => number) {
    this.length = length;
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(item: StreamItem): void {
    const { receivedAt } = item;
    if (isPicture(item) && item.key)
      this.#groups.push({ items: [], bytes: 0, begins: receivedAt, ends: receivedAt });
    const group = this.#groups.at(-1);
    if (!group) return;
    group.items.push(item);
    group.bytes += item.data.length;
    group.ends = receivedAt;
    this.#bytes += item.data.length;
    while (this.#mayGo(receivedAt)) this.#bytes -= this.#groups.shift()?.bytes ?? 0;
  }

  #mayGo(now: number): boolean {
    const second = this.#groups[1];
    return (second && second.begins <= now - this.length) || this.#bytes > this.#most();
  }

  /**
   * Hands over what there is, and begins anew. What ended longer ago than it should reach back is not of this time any more: the
   * camera was away.
   * @param now `performance.now()` milliseconds
   */
  take(now: number): StreamItem[] {
    const groups = this.#groups.filter(({ ends }) => ends >= now - this.length);
    this.#groups = [];
    this.#bytes = 0;
    return groups.flatMap(({ items }) => items);
  }
}
