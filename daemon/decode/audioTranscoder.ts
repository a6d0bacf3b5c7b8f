import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AudioFrame, AudioParameters } from '../frame.ts';
import { AdtsSplitter } from './adtsSplitter.ts';
import {
  AAC_FRAME,
  AAC_RATE,
  aacForm,
  aacParameters,
  audioArgs,
  inputByteRate,
  needsTranscoding,
} from './audioArgs.ts';
import type { FfmpegBinary } from './ffmpegChoice.ts';
import { FfmpegProcess } from './ffmpegProcess.ts';
import { RestartPolicy } from './restartPolicy.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';
import { SoundPlaces } from './soundPlaces.ts';

interface CoderTools {
  readonly ffmpeg: Pick<FfmpegBinary, 'path'>;
  readonly sandbox: Sandbox;
}

export interface AudioTranscoderOptions {
  /** Perhaps still looked for: what comes meanwhile is left out. */
  readonly tools: CoderTools | Promise<CoderTools>;
  /** AAC, or what came in where browsers take that. Must not throw. */
  readonly frame: (frame: AudioFrame) => void;
  readonly log: Logger;
}

/** Milliseconds of one frame that comes out. */
const FRAME = (AAC_FRAME / AAC_RATE) * 1000;
/** Sound that may wait for a child (ms); more is left out. */
const MOST_WAITING = 2000;
/** Sound that a child may keep to itself (ms). One that owes more, and has been silent for as long as the policy allows, is hung. */
const MOST_OWED = 500;
const CHECK_MS = 500;

interface Child {
  readonly coder: FfmpegProcess;
  readonly audio: AudioParameters;
  readonly places: SoundPlaces;
  /** Frames that came out, the run-up among them. */
  frames: number;
  lastFrameAt: number;
}

/**
 * Sound in, sound that browsers and MP4 take out, with its times kept. G.711 and G.726 go through one ffmpeg child, which begins with the
 * first such frame and is begun again whenever it ends; AAC and Opus go straight through. Never blocks, never throws.
 */
export class AudioTranscoder {
  readonly #options: AudioTranscoderOptions;
  readonly #policy = new RestartPolicy();
  readonly #closing = new AbortController();
  /** One object for all frames, until their form changes. */
  #output: AudioParameters | undefined;
  #wanted: AudioParameters | undefined;
  #child: Child | undefined;
  #running: Promise<void> | undefined;
  #starts = 0;

  constructor(options: AudioTranscoderOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.coder.pid ?? null;
  }

  /** Children that took another one's place. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  push(frame: AudioFrame): void {
    if (this.#closing.signal.aborted) return;
    const { audio, data } = frame;
    if (!needsTranscoding(audio)) {
      this.#wanted = undefined;
      this.#child?.coder.end();
      this.#options.frame(frame);
      return;
    }
    const before = this.#wanted;
    this.#wanted = audio;
    if (before && !sameCoding(before, audio)) this.#child?.coder.end();
    this.#running ??= this.#run(this.#closing.signal);
    const child = this.#child;
    // Between two children sound is left out: the one to come would begin with what is late already.
    if (!child || !sameCoding(child.audio, audio)) return;
    const rate = inputByteRate(audio) / 1000;
    if (child.coder.queuedBytes > rate * MOST_WAITING || !child.coder.write(data)) return;
    child.places.add(frame, data.length / rate);
  }

  /** Ends the child; resolves when it is dead. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    // Where there is no ffmpeg the daemon ends, and says why.
    const tools = await Promise.resolve(this.#options.tools).catch(() => undefined);
    while (tools && !signal.aborted && this.#wanted) {
      const delay = await this.#runChild(tools, this.#wanted, signal);
      if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => {});
    }
    this.#running = undefined;
  }

  /** One child, from start to end. @returns how long to wait before the next one, milliseconds */
  async #runChild(
    { ffmpeg, sandbox }: CoderTools,
    audio: AudioParameters,
    signal: AbortSignal,
  ): Promise<number> {
    const { log } = this.#options;
    const splitter = new AdtsSplitter();
    const startedAt = performance.now();
    const output = this.#outputOf(audio);
    const command = sandboxed(sandbox, { command: ffmpeg.path, args: audioArgs(audio) }, { hardware: false });
    const coder = new FfmpegProcess({
      ...command,
      stdout: (chunk) => {
        for (const data of splitter.push(chunk)) this.#emit(child, output, data);
        if (splitter.lost) coder.kill();
      },
    });
    const child: Child = { coder, audio, places: new SoundPlaces(), frames: 0, lastFrameAt: startedAt };
    this.#child = child;
    this.#starts++;
    let hung = false;
    const timer = setInterval(() => {
      const owes = child.places.fed - child.frames * FRAME > MOST_OWED;
      if (!owes || performance.now() - child.lastFrameAt < this.#policy.patience) return;
      hung = true;
      coder.kill();
    }, CHECK_MS);
    const exit = await coder.run(signal);
    clearInterval(timer);
    this.#child = undefined;
    if (signal.aborted) return 0;
    const planned = !this.#wanted || !sameCoding(this.#wanted, audio);
    const lived = performance.now() - startedAt;
    const delay = this.#policy.ended(
      planned ? { kind: 'planned' } : { kind: 'failed', hardware: false, hung },
      lived,
      child.frames,
    );
    if (!planned) {
      const { how, code, signal: by, lastLines: stderr } = exit;
      log.warn({ how, code, signal: by, hung, stderr, delay }, 'the transcoder of a camera’s sound ended');
    }
    return delay;
  }

  #outputOf(audio: AudioParameters): AudioParameters {
    const form = aacForm(audio);
    if (this.#output?.channels !== form.channels) this.#output = aacParameters(form);
    return this.#output;
  }

  #emit(child: Child, audio: AudioParameters, data: Buffer): void {
    // The frame before the first is the encoder's run-up.
    const place = child.places.at((child.frames++ - 1) * FRAME);
    child.lastFrameAt = performance.now();
    if (!place || this.#closing.signal.aborted) return;
    this.#options.frame({ audio, data, ...place, duration: FRAME });
  }
}

function sameCoding(a: AudioParameters, b: AudioParameters): boolean {
  if (a === b) return true;
  const { codec, sampleRate, channels, codeBits } = a;
  return (
    codec === b.codec && sampleRate === b.sampleRate && channels === b.channels && codeBits === b.codeBits
  );
}
