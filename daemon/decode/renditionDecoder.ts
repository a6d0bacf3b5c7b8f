import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AccessUnit, JpegFrame, VideoParameters } from '../frame.ts';
import { DecoderChild } from './decoderChild.ts';
import { ffmpegArgs, type Hwaccel, rateRatio } from './ffmpegArgs.ts';
import type { FfmpegBinary } from './ffmpegChoice.ts';
import type { FfmpegErrorCode } from './ffmpegError.ts';
import type { FfmpegExit } from './ffmpegProcess.ts';
import type { DecodeChoice } from './hwaccel.ts';
import { outputSize } from './outputSize.ts';
import { PassedJpegs } from './passedJpegs.ts';
import { RateDrift } from './rateDrift.ts';
import { type ChildEnd, RestartPolicy } from './restartPolicy.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';
import { STEPS, type Step, steppedDown } from './stepDown.ts';

export interface RenditionDecoderOptions {
  /** Upper bounds: the source is fitted inside, even, never enlarged. `quality` 1–100. */
  readonly rendition: { width?: number; height?: number; fps?: number; quality: number };
  readonly ffmpeg: FfmpegBinary;
  readonly decoder: DecodeChoice;
  readonly sandbox: Sandbox;
  /** The stream's current group of pictures, key unit first; empty before the first key unit. */
  readonly gop: () => readonly AccessUnit[];
  /** Measured frames per second of the stream. */
  readonly sourceFps: () => number | undefined;
  readonly picture: (frame: JpegFrame) => void;
  /** What the box leaves out at this time; default: nothing. */
  readonly step?: () => Step;
  readonly log: Logger;
}

export interface RenditionDecoderStatus {
  /** `software`, or the hwaccel of the current (or the next) child. */
  readonly hwaccel: string;
  readonly restarts: number;
  readonly pid: number | null;
  readonly frames: number;
  readonly fed: number;
  /** Units dropped because the child was behind. */
  readonly droppedUnits: number;
  /** Hardware was chosen, but this rendition is decoded in software. */
  readonly fallback: boolean;
  readonly lastError: { code: FfmpegErrorCode; message: string } | null;
}

const CHECK_MS = 200;
const atTop = () => STEPS[0]!;

/** One rendition of a stream: keeps an ffmpeg child alive for ever and turns access units into JPEGs. */
export class RenditionDecoder {
  readonly #options: RenditionDecoderOptions;
  readonly #policy = new RestartPolicy();
  readonly #passed: PassedJpegs;
  #child:
    | {
        readonly child: DecoderChild;
        readonly video: VideoParameters;
        end: (why: 'planned' | 'hung') => void;
      }
    | undefined;
  #latest: AccessUnit | undefined;
  #wake: (() => void) | undefined;
  #starts = 0;
  #frames = 0;
  #ended = { fed: 0, dropped: 0 };
  #silentFallback = false;
  #lastError: RenditionDecoderStatus['lastError'] = null;

  constructor(options: RenditionDecoderOptions) {
    this.#options = options;
    this.#passed = new PassedJpegs(options.rendition);
  }

  get status(): RenditionDecoderStatus {
    const child = this.#child?.child;
    return {
      hwaccel: this.#hwaccel,
      restarts: Math.max(0, this.#starts - 1),
      pid: child?.pid ?? null,
      frames: this.#frames,
      fed: this.#ended.fed + (child?.fed ?? 0),
      droppedUnits: this.#ended.dropped + (child?.dropped ?? 0),
      fallback: this.#policy.software || this.#silentFallback,
      lastError: this.#lastError,
    };
  }

  /** Resolves after abort, with the child dead. */
  async run(signal: AbortSignal): Promise<void> {
    const newest = this.#options.gop().at(-1);
    if (newest && this.#passed.fits(newest.video)) this.#pass(newest);
    while (!signal.aborted) {
      const burst = this.#startable();
      if (burst === undefined) {
        await this.#nextUnit(signal);
        continue;
      }
      const delay = await this.#runChild(burst, signal);
      if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }

  /** The box leaves out more, or less: a child that makes what is wanted now takes over. */
  stepped(): void {
    this.#child?.end('planned');
  }

  /** The next access unit of the stream. Never blocks, never throws. */
  feed(unit: AccessUnit): void {
    this.#latest = unit;
    if (this.#passed.fits(unit.video)) {
      // Of another size a moment ago.
      this.#child?.end('planned');
      this.#pass(unit);
    } else if (this.#child === undefined) this.#wake?.();
    // ffmpeg would go on and scale the new picture into the old size.
    else if (unit.video !== this.#child.video) this.#child.end('planned');
    else this.#child.child.feed(unit);
  }

  #pass(unit: AccessUnit): void {
    if (!this.#passed.takes(this.#options.sourceFps())) return;
    this.#frames += 1;
    const { data, receivedAt } = unit;
    this.#options.picture({ data, sequence: this.#frames, receivedAt, decodedAt: performance.now() });
  }

  get #hwaccel(): Hwaccel {
    const { chosen, codecs } = this.#options.decoder;
    const codec = (this.#latest ?? this.#options.gop().at(-1))?.video.codec;
    const isForeign = codec !== undefined && !codecs.some((one) => one === codec);
    return this.#policy.software || isForeign ? 'software' : chosen;
  }

  /** What a child can begin with now: the group of pictures, if it is of the newest unit's video. */
  #startable(): readonly AccessUnit[] | undefined {
    const latest = this.#latest;
    const gop = this.#options.gop();
    const video = latest?.video ?? gop.at(-1)?.video;
    if (video === undefined) return undefined;
    if (this.#passed.fits(video)) return undefined;
    if (gop[0]?.video === video && gop.at(-1)?.video === video) return [...gop]; // theirs goes on growing
    return latest?.key === true ? [latest] : undefined;
  }

  async #nextUnit(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    if (this.#wake !== undefined) signal.removeEventListener('abort', this.#wake);
    this.#wake = undefined;
  }

  /** One child, from start to end. Returns how long to wait before the next one, in milliseconds. */
  async #runChild(burst: readonly AccessUnit[], signal: AbortSignal): Promise<number> {
    const { log } = this.#options;
    const video = burst[0]!.video;
    const hwaccel = this.#hwaccel;
    const knownFps = this.#options.sourceFps() ?? video.fps;
    const { rendition: wanted, step = atTop } = this.#options;
    const rendition = steppedDown(wanted, step(), video, knownFps);
    const child = this.#makeChild(burst, hwaccel, rendition, rateRatio(rendition.fps, knownFps), signal);
    let why: 'planned' | 'hung' | undefined;
    const end = (reason: 'planned' | 'hung') => {
      why ??= reason;
      child.kill();
    };
    this.#child = { child, video, end };
    this.#starts += 1;
    const drift = new RateDrift(rendition.fps, knownFps);
    const timer = setInterval(() => {
      if (child.check() === 'hung') end('hung');
      else if (drift.tooFar(this.#options.sourceFps, performance.now())) end('planned');
      this.#noticeFallback(child, hwaccel);
    }, CHECK_MS);
    const running = child.run(signal);
    log.debug({ pid: child.pid, hwaccel, burst: burst.length }, 'decoder started');
    const exit = await running;
    clearInterval(timer);
    this.#noticeFallback(child, hwaccel);
    this.#child = undefined;
    this.#ended.fed += child.fed;
    this.#ended.dropped += child.dropped;
    if (signal.aborted) return 0;
    const planned = why === 'planned';
    const outcome: ChildEnd = planned
      ? { kind: 'planned' }
      : { kind: 'failed', hardware: hwaccel !== 'software', hung: why === 'hung' };
    const { patience, software: wasSoftware } = this.#policy;
    const delay = this.#policy.ended(outcome, child.age, child.pictures);
    if (planned) {
      log.info({ delay }, 'decoder restarts: the video, its frame rate or what the box leaves out changed');
      return delay;
    }
    this.#lastError = errorOf(exit, why === 'hung' ? patience : undefined);
    log.warn({ ...this.#lastError, stderr: exit.lastLines, delay }, 'decoder ended');
    if (this.#policy.software && !wasSoftware)
      log.warn({ hwaccel }, 'hardware decoding keeps failing: software from now on');
    return delay;
  }

  #makeChild(
    burst: readonly AccessUnit[],
    hwaccel: Hwaccel,
    rendition: RenditionDecoderOptions['rendition'],
    perMille: number,
    signal: AbortSignal,
  ): DecoderChild {
    const { ffmpeg, decoder, sandbox, picture } = this.#options;
    const video = burst[0]!.video;
    const { codec } = video;
    const selection = { burst: burst.length, perMille };
    const hardware = hwaccel !== 'software';
    const args = ffmpegArgs({
      version: ffmpeg.release,
      filters: ffmpeg.filters,
      codec,
      hwaccel,
      device: hardware ? decoder.device : null,
      input: video,
      output: { ...outputSize(video, rendition), quality: rendition.quality },
      select: selection,
    });
    return new DecoderChild({
      command: sandboxed(
        sandbox,
        { command: ffmpeg.path, args, ...(hardware && { env: decoder.env }) },
        { hardware },
      ),
      codec,
      selection,
      burst,
      patience: this.#policy.patience,
      picture: (data, receivedAt) => {
        if (signal.aborted) return;
        this.#frames += 1;
        picture({ data, sequence: this.#frames, receivedAt, decodedAt: performance.now() });
      },
    });
  }

  #noticeFallback(child: DecoderChild, hwaccel: Hwaccel): void {
    if (hwaccel === 'software' || this.#silentFallback || !child.hardwareFallback) return;
    this.#silentFallback = true;
    this.#options.log.warn({ hwaccel }, 'ffmpeg decodes in software although hardware was asked for');
  }
}

/** @param hungFor milliseconds after which it was ended because it stayed silent */
function errorOf(exit: FfmpegExit, hungFor: number | undefined): { code: FfmpegErrorCode; message: string } {
  if (hungFor !== undefined)
    return { code: 'hung', message: `The decoder was fed but gave no picture for ${hungFor / 1000} s` };
  if (exit.how === 'unstarted')
    return {
      code: 'spawn_failed',
      message: `The decoder could not be started: ${exit.cause instanceof Error ? exit.cause.message : 'unknown reason'}`,
    };
  const how = exit.signal === null ? `status ${exit.code}` : exit.signal;
  const last = exit.lastLines.at(-1);
  return {
    code: 'crashed',
    message: `The decoder ended with ${how}${last === undefined ? '' : `: ${last}`}`,
  };
}
