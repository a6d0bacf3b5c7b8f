import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { runBenchmark } from '../decode/benchmark.ts';
import type { Benchmark } from '../schema.ts';
import type { Speed } from './load.ts';
import type { DecodeTools } from './rendition.ts';

/** Key of the setting. */
const KEY = 'benchmark';
/** Milliseconds. A machine that has just started has other things to do; a page that wants pictures has come by then. */
const SETTLING = 20_000;
const LOOK = 5_000;

/** As it is kept. */
interface Result extends Speed {
  time: number;
  decoder: string;
  device: string | null;
  ffmpeg: string;
  cores: number;
  /** Somebody looked meanwhile. */
  disturbed: boolean;
}

export interface BoxBenchmarkOptions {
  tools: DecodeTools;
  settings: { get<T>(key: string): T | undefined; put(key: string, value: unknown): void };
  /** Pictures are decoded for somebody. */
  busy: () => boolean;
  /** Measures by itself what was not measured yet. */
  automatic: boolean;
  /** Milliseconds before the first look, and between two; tests shorten them. */
  settling?: number;
  look?: number;
  log: Logger;
}

/**
 * How much this box decodes: measured once and kept, until another decoder, ffmpeg or number of cores makes it worthless.
 * By itself it measures only while nobody looks, and gives way when somebody comes.
 */
export class BoxBenchmark {
  readonly #options: BoxBenchmarkOptions;
  readonly #cores = availableParallelism();
  readonly #ended = new AbortController();
  #progress: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  constructor(options: BoxBenchmarkOptions) {
    this.#options = options;
  }

  get state(): Benchmark {
    const result = this.#result;
    const isRunning = this.#progress !== undefined;
    const state = isRunning ? 'running' : this.#failure !== undefined ? 'failed' : result ? 'done' : 'never';
    return {
      state,
      progress: this.#progress ?? (result ? 1 : 0),
      time: result?.time ?? null,
      decoder: result?.decoder ?? null,
      cores: this.#cores,
      decode_megapixels: result?.decode_megapixels ?? null,
      encode_megapixels: result?.encode_megapixels ?? null,
      message: this.#message(result),
    };
  }

  /** undefined: not measured, or not with this decoder. */
  get speed(): Speed | undefined {
    return this.#result;
  }

  /** Begins to measure. false: it is being measured already. */
  start(): boolean {
    if (this.#progress !== undefined || this.#ended.signal.aborted) return false;
    this.#running = this.#measure(this.#ended.signal);
    return true;
  }

  /** Measures by itself when that is wanted; resolves after abort, with no child left. */
  async run(signal: AbortSignal): Promise<void> {
    const { automatic, busy, settling = SETTLING, look = LOOK } = this.#options;
    const end = () => this.#ended.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await sleep(settling, undefined, { signal }).catch(() => {});
    while (automatic && !signal.aborted) {
      // One that failed is not tried again: it would fail every few seconds.
      if (this.#progress === undefined && !this.#result && this.#failure === undefined && !busy()) {
        await this.#givingWay(signal);
      }
      await sleep(look, undefined, { signal }).catch(() => {});
    }
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await this.#running;
  }

  async #givingWay(signal: AbortSignal): Promise<void> {
    const disturbed = new AbortController();
    const watch = setInterval(() => {
      if (this.#options.busy()) disturbed.abort();
    }, 100);
    this.#running = this.#measure(AbortSignal.any([signal, disturbed.signal]));
    await this.#running;
    clearInterval(watch);
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const { tools, settings, busy, log } = this.#options;
    this.#progress = 0;
    this.#failure = undefined;
    const decoder = { decoder: tools.decoder.chosen, device: tools.decoder.device };
    let disturbed = busy();
    const outcome = await runBenchmark(tools, {
      cores: this.#cores,
      signal,
      progress: (part) => {
        this.#progress = part;
        disturbed ||= busy();
      },
    });
    this.#progress = undefined;
    if (signal.aborted) return;
    if (!outcome.ok) {
      this.#failure = outcome.reason;
      log.warn({ ...decoder, reason: outcome.reason }, 'how much this machine decodes could not be measured');
      return;
    }
    const result: Result = {
      ...decoder,
      ffmpeg: tools.ffmpeg.version,
      cores: this.#cores,
      time: Date.now() / 1000,
      decode_megapixels: megapixels(outcome.cost.source),
      encode_megapixels: megapixels(outcome.cost.output),
      disturbed,
    };
    try {
      settings.put(KEY, result);
      log.info(result, 'measured how much this machine decodes');
    } catch (error) {
      this.#failure = 'the result could not be saved';
      log.error({ err: error }, 'the benchmark could not be saved');
    }
  }

  get #result(): Result | undefined {
    const { tools, settings } = this.#options;
    const kept = settings.get<Result>(KEY);
    if (!kept || kept.ffmpeg !== tools.ffmpeg.version || kept.cores !== this.#cores) return undefined;
    const isSame = kept.decoder === tools.decoder.chosen && kept.device === tools.decoder.device;
    return isSame ? kept : undefined;
  }

  #message(result: Result | undefined): string | null {
    if (this.#progress !== undefined) return null;
    if (this.#failure !== undefined) return `It could not be measured: ${this.#failure}. Try again.`;
    if (result?.disturbed)
      return 'Pictures were shown while it was measured, so this box does more in truth. Measure again when nobody looks.';
    return null;
  }
}

const megapixels = (seconds: number) => Math.round(10 / seconds / 1e6) / 10;
