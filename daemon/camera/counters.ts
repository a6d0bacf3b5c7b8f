import type { IngestCounters } from '../ingest/counters.ts';

type Sums = Pick<
  IngestCounters,
  | 'packets_received'
  | 'bytes_received'
  | 'frames_received'
  | 'packets_lost'
  | 'packets_reordered'
  | 'frames_dropped'
>;

const ZERO: Sums = {
  packets_received: 0,
  bytes_received: 0,
  frames_received: 0,
  packets_lost: 0,
  packets_reordered: 0,
  frames_dropped: 0,
};

/** A stream's counters over all its sessions: a reconnect must not set them back to zero. */
export class Counters {
  #before = { ...ZERO };
  #current: IngestCounters | undefined;
  #lastFrameTime: number | null = null;

  attach(counters: IngestCounters): void {
    this.#current = counters;
  }

  detach(): void {
    this.#before = this.sums;
    this.#lastFrameTime = this.lastFrameTime;
    this.#current = undefined;
  }

  get sums(): Sums {
    const sums = { ...this.#before };
    if (this.#current) for (const key of Object.keys(ZERO) as (keyof Sums)[]) sums[key] += this.#current[key];
    return sums;
  }

  /** Unix seconds. */
  get lastFrameTime(): number | null {
    return this.#current?.last_frame_time ?? this.#lastFrameTime;
  }
}
