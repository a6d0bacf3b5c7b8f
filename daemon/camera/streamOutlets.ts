import type { Logger } from 'pino';
import type { AccessUnit } from '../frame.ts';
import { GopCache } from '../ingest/gopCache.ts';
import type { DecodeTools, Rendition, RenditionQuery } from './rendition.ts';
import { type RenditionLease, StreamRenditions } from './streamRenditions.ts';
import { StreamVideo, type VideoFormat, type VideoViewer } from './streamVideo.ts';

export interface StreamOutletsOptions {
  tools: DecodeTools;
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
  readonly #video = new StreamVideo(() => this.#gop.units());
  readonly #watchers = new Set<(unit: AccessUnit) => void>();
  #latest: AccessUnit | undefined;

  constructor({ changed, ...options }: StreamOutletsOptions) {
    this.#changed = changed;
    this.#renditions = new StreamRenditions({ ...options, changed, gop: () => this.#gop.units() });
  }

  accept(unit: AccessUnit): void {
    this.#gop.push(unit);
    this.#latest = unit;
    for (const see of this.#watchers) see(unit);
    this.#renditions.feed(unit);
    this.#video.feed(unit);
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
    const leave = this.#video.add(format, viewer);
    this.#changed();
    return () => {
      leave();
      this.#changed();
    };
  }

  /** @returns ends it; true: it had not been ended before */
  watch(see: (unit: AccessUnit) => void): () => boolean {
    this.#watchers.add(see);
    this.#changed();
    return () => this.#watchers.delete(see);
  }

  /** Somebody looks at pictures. */
  get looks(): boolean {
    return this.#renditions.size > 0 || this.#video.viewers > 0;
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
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
    this.#renditions.close();
  }

  async closed(): Promise<void> {
    await this.#renditions.closed();
  }
}
