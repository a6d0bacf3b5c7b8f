/** A stream that a client has asked for: it is kept open, and what it is becomes known with its first key picture. */
import type { Streams } from './streams.ts';
import { type VideoFormat, videoFormat } from './video/videoFormat.ts';

export class StreamLease {
  readonly stream: string;
  readonly #described = Promise.withResolvers<VideoFormat | undefined>();
  readonly #leave: () => void;

  /**
   * @param ended the stream was stopped or removed
   * @throws what opening a stream throws
   */
  constructor(streams: Streams, stream: string, ended: () => void) {
    this.stream = stream;
    let isDescribed = false;
    this.#leave = streams.open(stream, {
      offer: (part) => {
        if (isDescribed) return;
        const description = videoFormat(part);
        if (description) this.#described.resolve(description);
        isDescribed = description !== undefined;
      },
      end: () => {
        this.#described.resolve(undefined);
        ended();
      },
    });
  }

  /** Undefined where the stream has brought no picture within so many milliseconds. */
  async description(limit: number): Promise<VideoFormat | undefined> {
    const timer = setTimeout(() => this.#described.resolve(undefined), limit);
    const description = await this.#described.promise;
    clearTimeout(timer);
    return description;
  }

  /** The stream may rest again; may be called twice. */
  close(): void {
    this.#described.resolve(undefined);
    this.#leave();
  }
}
