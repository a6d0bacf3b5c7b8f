import type { Logger } from 'pino';
import { AudioTranscoder } from '../decode/audioTranscoder.ts';
import type { AccessUnit, AudioFrame } from '../frame.ts';
import { MediaClock } from '../mp4/mediaClock.ts';
import { type SoundFragment, SoundFragments } from '../mp4/soundFragments.ts';
import type { FoundTools } from './rendition.ts';

/** Never blocks, never throws. */
export interface SoundViewer {
  offer(part: SoundFragment): void;
  /** The stream was removed or stopped. */
  end(): void;
}

/** Older sound (ms) nobody wants: a child that was slow to start begins with what came meanwhile. */
const STALE = 2_000;

export interface StreamSoundOptions {
  tools: FoundTools;
  /** The current group of pictures. */
  gop: () => readonly AccessUnit[];
  log: Logger;
}

interface Way {
  clock: MediaClock;
  fragments: SoundFragments;
  transcoder: AudioTranscoder;
}

/**
 * A stream's sound for those who listen live: coded anew where browsers do not take it, by one child, and packed once, however many
 * they are. Nothing of it is there while nobody listens.
 */
export class StreamSound {
  readonly #options: StreamSoundOptions;
  readonly #viewers = new Set<SoundViewer>();
  #way: Way | undefined;
  #closing = new Set<Promise<void>>();

  constructor(options: StreamSoundOptions) {
    this.#options = options;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** The returned function takes the viewer away again; it may be called twice. */
  add(viewer: SoundViewer): () => void {
    this.#way ??= this.#begin();
    this.#viewers.add(viewer);
    const { init } = this.#way.fragments;
    if (init) viewer.offer(init);
    return () => {
      if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#end();
    };
  }

  #begin(): Way {
    const clock = new MediaClock();
    // As those who see the pictures, who begin with the same group.
    for (const unit of this.#options.gop()) clock.at(unit);
    const fragments = new SoundFragments(clock);
    const transcoder = new AudioTranscoder({
      ...{ tools: this.#options.tools(), log: this.#options.log },
      frame: (frame) => this.#offer(fragments.push(frame)),
    });
    return { clock, fragments, transcoder };
  }

  #offer(parts: readonly SoundFragment[]): void {
    const now = performance.now();
    for (const part of parts)
      if (part.kind === 'init' || now - part.time < STALE)
        for (const viewer of this.#viewers) viewer.offer(part);
  }

  picture(unit: AccessUnit): void {
    this.#way?.clock.at(unit);
  }

  hear(frame: AudioFrame): void {
    this.#way?.transcoder.push(frame);
  }

  #end(): void {
    const way = this.#way;
    if (!way) return;
    this.#way = undefined;
    const closed = way.transcoder.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  /** Ends all viewers; `closed` tells when the child is dead. */
  close(): void {
    const viewers = [...this.#viewers];
    this.#viewers.clear();
    this.#end();
    for (const viewer of viewers) viewer.end();
  }

  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }
}
