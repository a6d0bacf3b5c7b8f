import { setTimeout as sleep } from 'node:timers/promises';
import type { AudioParameters } from '../../frame.ts';
import { type IngestCounters, newCounters } from '../counters.ts';
import { IngestError } from '../ingestError.ts';
import type { SourceSession, SourceSink, SourceTransport } from '../sourceSession.ts';
import { type RemuxInput, remuxArgs, type SoundWay, soundWays } from './remuxArgs.ts';
import { RemuxedMedia } from './remuxedMedia.ts';
import type { RemuxChild, RemuxExit, Remuxer } from './remuxer.ts';
import { failedOverSound, remuxFailure } from './remuxFailure.ts';

export interface RemuxedSourceOptions {
  /** For errors; without credentials. */
  readonly place: string;
  readonly input: RemuxInput;
  readonly transport: SourceTransport;
  /** What ffmpeg is given, from its beginning: each time anew. Undefined: nothing. */
  readonly bytes?: (signal: AbortSignal) => Promise<AsyncIterable<Buffer>>;
  /** Perhaps still looked for. */
  readonly remuxer: Promise<Remuxer>;
  /** Milliseconds until the first bytes of video, and between any two later ones. */
  readonly startTimeout?: number | undefined;
  readonly stallTimeout?: number | undefined;
  readonly counters?: IngestCounters;
  readonly loginWorked?: () => boolean;
}

/** Bytes that may wait for ffmpeg before no more are read. */
const MOST_QUEUED = 1024 * 1024;
const LOOK_AGAIN = 20;
/** Milliseconds between two looks at whether something comes. */
const LOOK = 500;

/** A source that ffmpeg takes apart for us, in a process of its own: containers and protocols beside RTSP. Nothing is decoded. */
export class RemuxedSource implements SourceSession {
  readonly counters: IngestCounters;
  readonly canPause = false;
  readonly keepAliveSuspect = false;
  readonly staleSession = false;
  readonly #options: RemuxedSourceOptions;
  readonly #sink: SourceSink;
  #media: RemuxedMedia | undefined;
  #hasAudio: boolean | undefined;
  #playing = false;

  constructor(options: RemuxedSourceOptions, sink: SourceSink) {
    this.#options = options;
    this.#sink = sink;
    this.counters = options.counters ?? newCounters();
  }

  get hasAudio(): boolean | undefined {
    return this.#hasAudio;
  }

  get audio(): AudioParameters | undefined {
    return this.#media?.audio;
  }

  get soundTrial() {
    return { refused: false, setUp: this.audio !== undefined, picture: this.#playing };
  }

  get loginWorked(): boolean {
    return this.#playing && (this.#options.loginWorked?.() ?? false);
  }

  async pause(): Promise<void> {
    throw new IngestError('unsupported', 'such a source cannot be paused', { place: 'PAUSE' });
  }

  async resume(): Promise<void> {}

  async run(signal: AbortSignal): Promise<'aborted'> {
    try {
      const remuxer = await this.#options.remuxer;
      for (const way of soundWays(this.#options.input)) {
        signal.throwIfAborted();
        if ((await this.#remux(remuxer, way, signal)) !== 'sound') break;
        this.#hasAudio = true;
      }
      throw new IngestError('closed', 'the stream ended', { place: this.#options.place });
    } catch (error) {
      if (signal.aborted) return 'aborted';
      throw error;
    }
  }

  /** One ffmpeg, from start to end. @returns 'sound': with its sound made otherwise it may work. @throws IngestError */
  async #remux(remuxer: Remuxer, way: SoundWay, signal: AbortSignal): Promise<'sound' | 'ended'> {
    const { place, input } = this.#options;
    const media = new RemuxedMedia({
      counters: this.counters,
      accessUnit: (unit) => {
        if (!this.#playing) this.#sink.playing({ transport: this.#options.transport });
        this.#playing = true;
        this.#hasAudio ??= media.audio !== undefined;
        this.#sink.accessUnit(unit);
      },
      audioFrame: (frame) => this.#sink.audioFrame(frame),
    });
    this.#media = media;
    const ending = new AbortController();
    const watch = new Watch(this.#options, () => child.kill());
    const child = remuxer({
      args: remuxArgs(input, way),
      files: input.kind === 'file' ? [input.path] : [],
      devices: input.kind === 'v4l2' ? [input.device] : [],
      network: input.kind === 'address',
      stdout: (chunk) => {
        watch.heard();
        if (this.#options.bytes === undefined) this.counters.bytes_received += chunk.length;
        media.push(chunk, performance.now());
        if (media.fault) child.kill();
      },
    });
    const running = child.run(AbortSignal.any([signal, ending.signal]));
    let exit: RemuxExit;
    try {
      const feeding = this.#feed(child, AbortSignal.any([signal, ending.signal]));
      // Who fed it knows better why it ended than it does itself.
      exit = await Promise.race([running, feeding.then(() => running)]);
    } finally {
      watch.end();
      ending.abort();
      await running;
    }
    signal.throwIfAborted();
    if (media.fault?.what === 'sound' || (!this.#playing && way !== 'none' && failedOverSound(exit)))
      return 'sound';
    if (media.fault)
      throw new IngestError(media.fault.what === 'video' ? 'unsupported' : 'protocol', media.fault.message, {
        place,
      });
    if (watch.failure) throw watch.failure;
    throw remuxFailure(exit, place, this.#playing);
  }

  /** Hands on what the source sends, no faster than ffmpeg takes it. @throws IngestError */
  async #feed(child: RemuxChild, signal: AbortSignal): Promise<void> {
    const { bytes, input } = this.#options;
    if (!bytes) return;
    for await (const chunk of await bytes(signal)) {
      if (input.kind !== 'address') this.counters.bytes_received += chunk.length;
      if (!child.write(chunk)) return;
      while (child.queuedBytes > MOST_QUEUED) await sleep(LOOK_AGAIN, undefined, { signal });
    }
    child.end();
  }
}

/** Ends an ffmpeg that brings nothing. */
class Watch {
  failure: IngestError | undefined;
  readonly #options: RemuxedSourceOptions;
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #heard = false;

  constructor(options: RemuxedSourceOptions, give: () => void) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.failure ??= this.#look();
      if (this.failure) give();
    }, LOOK);
  }

  heard(): void {
    this.#heard = true;
    this.#last = performance.now();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): IngestError | undefined {
    const { place, startTimeout = 15_000, stallTimeout = 5_000 } = this.#options;
    const limit = this.#heard ? stallTimeout : startTimeout;
    if (performance.now() - this.#last < limit) return undefined;
    const [code, what] = this.#heard
      ? (['stalled', 'nothing came'] as const)
      : (['timeout', 'there was no picture'] as const);
    return new IngestError(code, `${what} for ${limit / 1000} s`, { place });
  }
}
