import type { Logger } from 'pino';
import type { AccessUnit, AudioFrame } from '../frame.ts';
import { GopCache } from '../ingest/gopCache.ts';
import type { FoundTools, Rendition, RenditionQuery } from './rendition.ts';
import { type RenditionLease, StreamRenditions } from './streamRenditions.ts';
import { type SoundViewer, StreamSound } from './streamSound.ts';
import { StreamVideo, type VideoFormat, type VideoViewer } from './streamVideo.ts';

export interface StreamOutletsOptions {
  tools: FoundTools;
  sourceFps: () => number | undefined;
  log: Logger;
  /** Somebody came or went. */
  changed: () => void;
}

/**
 * Everybody who takes a stream's pictures: decoded ones (renditions), the camera's own video, those who only watch; and the
 * current group of pictures for those who join.
 */
export class StreamOutlets {
  readonly #changed: () => void;
  readonly #gop = new GopCache();
  readonly #renditions: StreamRenditions;
  readonly #video = new StreamVideo(() => this.#group());
  readonly #sound: StreamSound;
  readonly #watchers = new Set<(unit: AccessUnit) => void>();
  readonly #listeners = new Set<(frame: AudioFrame) => void>();
  #latest: AccessUnit | undefined;

  constructor({ changed, ...options }: StreamOutletsOptions) {
    this.#changed = changed;
    this.#renditions = new StreamRenditions({ ...options, changed, gop: () => this.#gop.units() });
    this.#sound = new StreamSound({ ...options, gop: () => this.#group() });
  }

  /**
   * Of viewers whose times are ours: none of a group that came to a daemon before us, since our time begins with us. They begin with the
   * next one; JPEGs, which are told by their age, begin at once.
   */
  #group(): readonly AccessUnit[] {
    const units = this.#gop.units();
    return isOurs(units[0]) ? units : [];
  }

  accept(unit: AccessUnit): void {
    this.#gop.push(unit);
    this.#latest = unit;
    for (const see of this.#watchers) see(unit);
    this.#renditions.feed(unit);
    if (!isOurs(unit)) return;
    this.#video.feed(unit);
    this.#sound.picture(unit);
  }

  hear(frame: AudioFrame): void {
    for (const listener of this.#listeners) listener(frame);
    if (isOurs(frame)) this.#sound.hear(frame);
  }

  /** What comes next does not continue what there was. */
  forget(): void {
    this.#gop.clear();
    this.#video.interrupt();
    this.#latest = undefined;
  }

  /** @throws CameraError `too_many_renditions` */
  lease(query: RenditionQuery, mayStart: () => boolean): RenditionLease {
    return this.#renditions.lease(query, mayStart);
  }

  /** The returned function ends it and may be called twice. */
  openVideo(format: VideoFormat, viewer: VideoViewer): () => void {
    return this.#opened(this.#video.add(format, viewer));
  }

  /** The returned function ends it and may be called twice. */
  openSound(viewer: SoundViewer): () => void {
    return this.#opened(this.#sound.add(viewer));
  }

  #opened(leave: () => void): () => void {
    this.#changed();
    return () => {
      leave();
      this.#changed();
    };
  }

  /** @returns ends it; true: it had not been ended before */
  watch(see: (unit: AccessUnit) => void): () => boolean {
    return this.#join(this.#watchers, see);
  }

  /** Counterpart of `watch`. */
  watchSound(listener: (frame: AudioFrame) => void): () => boolean {
    return this.#join(this.#listeners, listener);
  }

  #join<T>(all: Set<T>, one: T): () => boolean {
    all.add(one);
    this.#changed();
    return () => all.delete(one);
  }

  /** Somebody looks at pictures, or listens. */
  get looks(): boolean {
    return this.#renditions.size > 0 || this.#video.viewers > 0 || this.#sound.viewers > 0;
  }

  /** Somebody takes the pictures without looking, or listens. */
  get watched(): boolean {
    return this.#watchers.size + this.#listeners.size > 0;
  }

  get latest(): AccessUnit | undefined {
    return this.#latest;
  }

  get renditions(): readonly Rendition[] {
    return this.#renditions.all;
  }

  /** Who is sent the camera's own video. */
  get videoViewers(): number {
    return this.#video.viewers;
  }

  /** Ends all viewers; `closed` tells when the children are dead. */
  close(): void {
    this.#video.end();
    this.#sound.close();
    this.#renditions.close();
  }

  async closed(): Promise<void> {
    await Promise.all([this.#renditions.closed(), this.#sound.closed()]);
  }
}

/** It came to this process, and not to one before it (ingest/handover/). */
function isOurs(one: { receivedAt: number } | undefined): boolean {
  return (one?.receivedAt ?? 0) >= 0;
}
