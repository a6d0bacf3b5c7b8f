import { setTimeout as sleep } from 'node:timers/promises';
import { JpegSplitter } from '../jpeg/jpegSplitter.ts';
import { type Clip, makeClip } from './benchmarkClips.ts';
import { type Measured, type PixelCost, solveCost } from './benchmarkCost.ts';
import { ffmpegArgs } from './ffmpegArgs.ts';
import type { FfmpegBinary } from './ffmpegChoice.ts';
import { type FfmpegExit, FfmpegProcess } from './ffmpegProcess.ts';
import type { DecodeChoice } from './hwaccel.ts';
import type { Size } from './outputSize.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';

/** Exactly those that the renditions use. */
export interface BenchmarkTools {
  readonly ffmpeg: FfmpegBinary;
  readonly sandbox: Sandbox;
  readonly decoder: DecodeChoice;
}

export interface BenchmarkOptions {
  /** Children at a time: one for each core, each single-threaded as a rendition's is. */
  readonly cores: number;
  readonly signal: AbortSignal;
  /** 0 to 1. */
  readonly progress?: (part: number) => void;
}

export type BenchmarkOutcome =
  | { readonly ok: true; readonly cost: PixelCost }
  | { readonly ok: false; readonly reason: string };

/** A child's start takes its time, and is no part of what a wall costs. */
const WARM_UP_MS = 400;
const MEASURE_MS = 1400;
/** Bytes that wait for a child: it must never have to wait for us. */
const AHEAD = 1024 * 1024;
/** As most tiles are asked for. */
const QUALITY = 75;

/**
 * Decodes known clips at full speed on all cores, with the very decoder, sandbox and command line of the renditions. Two kinds
 * of work are enough for both costs: a large picture made small is almost all decoding, and a small one that stays as it is
 * is half compressing.
 *
 * Never rejects; takes about five seconds in all, in which the machine has nothing left for anything of the same priority.
 */
export async function runBenchmark(
  tools: BenchmarkTools,
  options: BenchmarkOptions,
): Promise<BenchmarkOutcome> {
  const { signal, progress = () => {} } = options;
  progress(0);
  const large = await makeClip(tools, { width: 1280, height: 720 });
  if (signal.aborted) return STOPPED;
  progress(0.15);
  const small = await makeClip(tools, { width: 640, height: 360 });
  if (signal.aborted) return STOPPED;
  progress(0.2);
  const decoding = await measure(tools, large, quarterOf(large.size), options);
  if (typeof decoding === 'string') return { ok: false, reason: decoding };
  progress(0.6);
  const compressing = await measure(tools, small, small.size, options);
  if (typeof compressing === 'string') return { ok: false, reason: compressing };
  progress(1);
  const cost = solveCost(decoding, compressing);
  return cost ? { ok: true, cost } : { ok: false, reason: 'the decoder gave too few pictures to measure' };
}

const STOPPED: BenchmarkOutcome = { ok: false, reason: 'it was interrupted' };

const quarterOf = ({ width, height }: Size): Size => ({ width: width / 4, height: height / 4 });

/** A string says what went wrong. */
async function measure(
  tools: BenchmarkTools,
  clip: Clip,
  output: Size,
  { cores, signal }: BenchmarkOptions,
): Promise<Measured | string> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const children = Array.from({ length: cores }, () => new FullSpeed(tools, clip, output));
  const exits = children.map((child) => child.run(both));
  let early: FfmpegExit | undefined;
  const anyExit = Promise.race(exits).then((exit) => {
    early ??= exit;
  });
  const pause = (ms: number) =>
    Promise.race([sleep(ms, undefined, { signal: both }).catch(() => {}), anyExit]);
  const count = () => children.reduce((sum, child) => sum + child.pictures, 0);

  await pause(WARM_UP_MS);
  const before = count();
  const begun = performance.now();
  if (!early) await pause(MEASURE_MS);
  const seconds = (performance.now() - begun) / 1000;
  const pictures = count() - before;
  const failed = early;
  const fallback = children.some((child) => child.hardwareFallback);
  ended.abort();
  await Promise.all(exits);
  if (signal.aborted) return 'it was interrupted';
  if (failed) return sentence(failed);
  if (fallback) return 'the decoder fell back to software';
  const { width, height } = clip.size;
  return { source: width * height, output: output.width * output.height, rate: pictures / seconds };
}

function sentence({ lastLines, code, signal }: FfmpegExit): string {
  return `the decoder ended: ${lastLines.at(-1) ?? `status ${code ?? signal}`}`;
}

/** A child that is fed the same clip again and again, as fast as it takes it. */
class FullSpeed {
  pictures = 0;
  readonly #process: FfmpegProcess;
  readonly #clip: Buffer;

  constructor({ ffmpeg, sandbox, decoder }: BenchmarkTools, clip: Clip, output: Size) {
    const hardware = decoder.chosen !== 'software';
    const args = ffmpegArgs({
      version: ffmpeg.release,
      filters: ffmpeg.filters,
      codec: 'h264',
      hwaccel: decoder.chosen,
      device: decoder.device,
      input: clip.size,
      output: { ...output, quality: QUALITY },
      select: { burst: 0, perMille: 1000 },
    });
    const splitter = new JpegSplitter();
    // Small clips in one piece, so that a write is worth its while.
    this.#clip = Buffer.concat(new Array(Math.ceil(AHEAD / 2 / clip.data.length)).fill(clip.data));
    this.#process = new FfmpegProcess({
      ...sandboxed(
        sandbox,
        { command: ffmpeg.path, args, ...(hardware && { env: decoder.env }) },
        { hardware },
      ),
      stdout: (chunk) => {
        this.pictures += splitter.push(chunk).length;
        this.#feed();
      },
    });
  }

  get hardwareFallback(): boolean {
    return this.#process.hardwareFallback;
  }

  run(signal: AbortSignal): Promise<FfmpegExit> {
    const running = this.#process.run(signal);
    // Killed rather than ended: it would first decode all that it was given.
    const kill = () => this.#process.kill();
    signal.addEventListener('abort', kill, { once: true });
    this.#feed();
    return running.finally(() => signal.removeEventListener('abort', kill));
  }

  #feed(): void {
    while (this.#process.queuedBytes < AHEAD && this.#process.write(this.#clip)) {
      // Until enough waits.
    }
  }
}
