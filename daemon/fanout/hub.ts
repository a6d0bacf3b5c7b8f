import type { JpegFrame } from '../frame.ts';

/**
 * Whoever receives a rendition. `offer` never blocks and never throws: a viewer that is not ready keeps at most
 * one frame, the newest, and counts what it drops.
 */
export interface Viewer {
  offer(frame: JpegFrame): void;
  /** The rendition is gone for good (stream removed or stopped): end the response. */
  end(): void;
  readonly dropped: number;
}

/** Hands each picture of one rendition to all of its viewers, whatever their speed. */
export class Hub {
  #viewers = new Set<Viewer>();
  #latest: JpegFrame | undefined;
  #latestAt = 0;
  #changedAt = 0;
  #version = 0;
  #frames = 0;
  #droppedByFormerViewers = 0;
  #ended = false;

  publish(frame: JpegFrame): void {
    const now = performance.now();
    // Pictures that differ mostly do so in their length or their first hundred bytes, so this costs next to nothing.
    if (!this.#latest?.data.equals(frame.data)) {
      this.#changedAt = now;
      this.#version++;
    }
    this.#latest = frame;
    this.#latestAt = now;
    this.#frames++;
    for (const viewer of this.#viewers) viewer.offer(frame);
  }

  /** Adds a viewer, which is offered the newest picture at once; the returned function removes it. */
  add(viewer: Viewer): () => void {
    if (this.#ended) {
      viewer.end();
      return () => {};
    }
    this.#viewers.add(viewer);
    if (this.#latest) viewer.offer(this.#latest);
    return () => {
      if (this.#viewers.delete(viewer)) this.#droppedByFormerViewers += viewer.dropped;
    };
  }

  /** Ends every viewer; later ones are ended as they come. */
  end(): void {
    this.#ended = true;
    for (const viewer of [...this.#viewers]) viewer.end();
  }

  get latest(): JpegFrame | undefined {
    return this.#latest;
  }

  /** Counts the pictures that differed from the one before, to the byte; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** Milliseconds since the last picture that differed from the one before it; null before the first. */
  get unchangedFor(): number | null {
    return this.#latest ? performance.now() - this.#changedAt : null;
  }

  /** For how many milliseconds the very same picture has come again and again, up to the newest one; 0: it has not. */
  get repeatedFor(): number {
    return this.#latestAt - this.#changedAt;
  }

  /** Milliseconds since the newest picture was published; null before the first. */
  get silentFor(): number | null {
    return this.#latest ? performance.now() - this.#latestAt : null;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Pictures published since the rendition began. */
  get frames(): number {
    return this.#frames;
  }

  /** Pictures skipped because a viewer was slow, former viewers included. */
  get dropped(): number {
    let dropped = this.#droppedByFormerViewers;
    for (const viewer of this.#viewers) dropped += viewer.dropped;
    return dropped;
  }
}
