import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Hub } from '../fanout/hub.ts';

/** Milliseconds between two looks. */
const LOOK = 1_000;
/** Milliseconds without any picture that are another matter: the camera has stopped, and its state says so. */
const SILENT = 2_000;

/** What is asked of a hub. */
export type Repeating = Pick<Hub, 'repeatedFor' | 'silentFor'>;

export interface UnchangedOptions {
  /** All renditions that are open. */
  hubs: () => Iterable<{ camera: string; hub: Repeating }>;
  /** `settings.unchanged_seconds`; 0: never. */
  limit: () => number;
  /** Told once for each time that a camera's pictures begin to be the very same. */
  note?: ((camera: string) => void) | undefined;
  log: Logger;
}

/** Notices cameras that go on sending one and the same picture: their encoder hangs, the session looks well. */
export class UnchangedWatch {
  readonly #options: UnchangedOptions;
  #cameras = new Set<string>();

  constructor(options: UnchangedOptions) {
    this.#options = options;
  }

  /** Cameras whose pictures are the very same now. */
  get cameras(): ReadonlySet<string> {
    return this.#cameras;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await sleep(LOOK, undefined, { signal }).catch(() => {});
    }
  }

  look(): void {
    const { hubs, limit, note, log } = this.#options;
    const limitMs = limit() * 1000;
    const found = new Set<string>();
    if (limitMs > 0) {
      for (const { camera, hub } of hubs())
        if (hub.repeatedFor >= limitMs && (hub.silentFor ?? Infinity) < SILENT) found.add(camera);
    }
    for (const camera of found) {
      if (this.#cameras.has(camera)) continue;
      log.warn({ camera, seconds: limit() }, 'the camera sends the very same picture again and again');
      note?.(camera);
    }
    this.#cameras = found;
  }
}
