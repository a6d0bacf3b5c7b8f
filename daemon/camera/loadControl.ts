import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RenditionDecoder } from '../decode/renditionDecoder.ts';
import { STEPS, type Step, StepDown } from '../decode/stepDown.ts';

/** Milliseconds between two looks. */
const LOOK = 2_000;
/** Between two decoders that begin anew: all at once would be the load that is to be avoided. */
const APART = 150;

export interface LoadControlOptions {
  readonly decoders: () => Iterable<Pick<RenditionDecoder, 'status' | 'stepped'>>;
  readonly log: Logger;
  /** Milliseconds; for tests. */
  readonly look?: number;
  /** Share of the processors' time that was used since the last call; for tests. */
  readonly busy?: () => number;
  /** Milliseconds of a clock that never jumps; for tests. */
  readonly now?: () => number;
}

/** Looks whether the decoders keep up, and has all of them leave out more of the rate, then of the size, where they do not. */
export class LoadControl {
  readonly #options: LoadControlOptions;
  readonly #steps = new StepDown();
  /** Unix seconds. */
  #since: number | null = null;

  constructor(options: LoadControlOptions) {
    this.#options = options;
  }

  get step(): Step {
    return this.#steps.step;
  }

  /** What is left out, in percent of what was asked for, and since when (Unix seconds); null: nothing. */
  get steppedDown(): { fps_percent: number; size_percent: number; since: number } | null {
    if (this.#steps.since === undefined) return null;
    const { fps, size } = this.step;
    const percent = (share: number) => Math.round(share * 100);
    return {
      fps_percent: percent(fps),
      size_percent: percent(size),
      since: this.#since ?? Date.now() / 1000,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, look = LOOK, busy = processorShare(), now = () => performance.now() } = this.#options;
    while (!signal.aborted) {
      await sleep(look, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const before = this.step;
      if (!this.#steps.look({ ...this.#sums(), busy: busy() }, now())) continue;
      if (before === STEPS[0]) this.#since = Date.now() / 1000;
      const { step, steppedDown: down } = this;
      if (step.fps < before.fps || step.size < before.size)
        log.warn(down, 'the box cannot decode all that it is asked for: all pictures are stepped down');
      else log.info(down, down ? 'pictures are stepped up' : 'pictures are as they were asked for again');
      for (const decoder of this.#options.decoders()) {
        decoder.stepped();
        await sleep(APART, undefined, { signal }).catch(() => {});
      }
    }
  }

  #sums(): { decoders: number; fed: number; dropped: number } {
    let [decoders, fed, dropped] = [0, 0, 0];
    for (const { status } of this.#options.decoders()) {
      decoders++;
      fed += status.fed;
      dropped += status.droppedUnits;
    }
    return { decoders, fed, dropped };
  }
}

/** Each call: the share of all processors' time that was used since the last one, 0 to 1. */
function processorShare(): () => number {
  const sums = () => {
    let [idle, all] = [0, 0];
    for (const { times } of cpus()) {
      idle += times.idle;
      all += times.user + times.nice + times.sys + times.irq + times.idle;
    }
    return { idle, all };
  };
  let last = sums();
  return () => {
    const now = sums();
    const share = now.all > last.all ? 1 - (now.idle - last.idle) / (now.all - last.all) : 0;
    last = now;
    return share;
  };
}
