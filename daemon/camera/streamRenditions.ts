import type { Logger } from 'pino';
import type { AccessUnit } from '../frame.ts';
import { CameraError } from './cameraError.ts';
import { type FoundTools, Rendition, type RenditionQuery, renditionKey } from './rendition.ts';

/** Milliseconds. Long enough for a page's reload, short enough that a camera's session is not held for nobody. */
const LINGER = 5_000;

export interface RenditionLease {
  rendition: Rendition;
  release: () => void;
}

export interface StreamRenditionsOptions {
  tools: FoundTools;
  gop: () => readonly AccessUnit[];
  sourceFps: () => number | undefined;
  log: Logger;
  /** One was opened, joined or closed. */
  changed: () => void;
}

/** The renditions of one stream: opened when asked for, shared by all who ask for the same, closed a while after the last viewer. */
export class StreamRenditions {
  readonly #options: StreamRenditionsOptions;
  #open = new Map<string, Rendition>();
  #closing = new Set<Promise<void>>();

  constructor(options: StreamRenditionsOptions) {
    this.#options = options;
  }

  /** @throws CameraError `too_many_renditions` when a new one is needed and may not be started */
  lease(query: RenditionQuery, mayStart: () => boolean): RenditionLease {
    const { tools, gop, sourceFps, log, changed } = this.#options;
    const key = renditionKey(query);
    let rendition = this.#open.get(key);
    if (!rendition) {
      if (!mayStart()) {
        throw new CameraError(
          503,
          'too_many_renditions',
          'This box decodes as many pictures as it may. Ask for a size that is already shown, or close other viewers.',
        );
      }
      rendition = new Rendition({
        ...tools(),
        query,
        gop,
        sourceFps,
        log: log.child({ rendition: key }),
        linger: LINGER,
        idle: () => this.#close(key),
      });
      this.#open.set(key, rendition);
    }
    const release = rendition.lease();
    changed();
    return { rendition, release };
  }

  feed(unit: AccessUnit): void {
    for (const rendition of this.#open.values()) rendition.feed(unit);
  }

  get size(): number {
    return this.#open.size;
  }

  get all(): readonly Rendition[] {
    return [...this.#open.values()];
  }

  /** Ends all viewers; `closed` tells when the children are dead. */
  close(): void {
    for (const key of [...this.#open.keys()]) this.#close(key);
  }

  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  #close(key: string): void {
    const rendition = this.#open.get(key);
    if (!rendition) return;
    this.#open.delete(key);
    const closed = rendition.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    this.#options.changed();
  }
}
