import { setTimeout as sleep } from 'node:timers/promises';
import { LossWatch } from '../ingest/lossWatch.ts';
import type { StreamDegradation } from '../schema.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds between two looks: somewhat more than LossWatch wants, since timers can be early. */
const LOOK = 1_100;

/** What is looked at of a stream. */
export type Watched = Pick<StreamSupervisor, 'state' | 'connects'> & {
  readonly source: Pick<StreamSupervisor['source'], 'name'>;
  readonly counters: {
    readonly sums: Pick<
      StreamSupervisor['counters']['sums'],
      'packets_received' | 'packets_lost' | 'frames_received' | 'frames_dropped'
    >;
  };
};

interface Watch {
  readonly session: number;
  readonly packets: LossWatch;
  readonly pictures: LossWatch;
  found: StreamDegradation | undefined;
}

/**
 * Streams that are live and yet not as they should be: again and again packets are lost, or pictures come broken and are left out. Where
 * another transport could help, the session changes it by itself (ingest/lossWatch.ts); this is what remains, and is to be seen.
 */
export class Degradation {
  readonly #streams: () => Iterable<Watched>;
  #watches = new Map<string, Watch>();

  constructor(streams: () => Iterable<Watched>) {
    this.#streams = streams;
  }

  /** Until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look(performance.now());
      await sleep(LOOK, undefined, { signal }).catch(() => {});
    }
  }

  /** Of the last ten seconds; undefined: it is well, or not live. */
  of(stream: string): StreamDegradation | undefined {
    return this.#watches.get(stream)?.found;
  }

  /** @param now milliseconds */
  look(now: number): void {
    const before = this.#watches;
    this.#watches = new Map();
    for (const { source, state, connects, counters } of this.#streams()) {
      if (state !== 'live') continue;
      const known = before.get(source.name);
      // What was lost when the session before ended says nothing of this one.
      const watch = known?.session === connects ? known : newWatch(connects);
      this.#watches.set(source.name, watch);
      const { packets_received, packets_lost, frames_received, frames_dropped } = counters.sums;
      const packets = watch.packets.look({ received: packets_received, lost: packets_lost }, now);
      const pictures = watch.pictures.look({ received: frames_received, lost: frames_dropped }, now);
      const isLost = packets !== undefined || pictures !== undefined;
      watch.found = isLost ? { packets_lost: packets ?? 0, pictures_lost: pictures ?? 0 } : undefined;
    }
  }
}

function newWatch(session: number): Watch {
  return { session, packets: new LossWatch(), pictures: new LossWatch(), found: undefined };
}
