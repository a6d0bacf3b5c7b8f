import type { AudioParameters } from '../frame.ts';
import { newCounters } from './counters.ts';
import { IngestError } from './ingestError.ts';
import type { SourceSession, SourceSink } from './sourceSession.ts';

/** A session of which only what comes tells what kind it is. */
export abstract class ChosenSource<Options> implements SourceSession {
  readonly counters = newCounters();
  readonly canPause = false;
  readonly keepAliveSuspect = false;
  readonly staleSession = false;
  protected readonly options: Options;
  protected readonly sink: SourceSink;
  #chosen: SourceSession | undefined;
  #begun = false;

  constructor(options: Options, sink: SourceSink) {
    this.options = options;
    this.sink = sink;
  }

  /** Runs what it finds, by `play`. @throws IngestError, or the signal's reason */
  protected abstract choose(signal: AbortSignal): Promise<'ended' | 'aborted'>;

  async run(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    if (this.#begun) throw new TypeError('a session runs once');
    this.#begun = true;
    try {
      return await this.choose(signal);
    } catch (error) {
      if (signal.aborted) return 'aborted';
      throw error;
    }
  }

  /** @param source counts into our counters */
  protected play(source: SourceSession, signal: AbortSignal): Promise<'ended' | 'aborted'> {
    this.#chosen = source;
    return source.run(signal);
  }

  get hasAudio(): boolean | undefined {
    return this.#chosen?.hasAudio;
  }

  get audio(): AudioParameters | undefined {
    return this.#chosen?.audio;
  }

  get soundTrial() {
    return this.#chosen?.soundTrial ?? { refused: false, setUp: false, picture: false };
  }

  get loginWorked(): boolean {
    return this.#chosen?.loginWorked ?? false;
  }

  async pause(): Promise<void> {
    throw new IngestError('unsupported', 'only RTSP can be paused', { place: 'PAUSE' });
  }

  async resume(): Promise<void> {}
}
