/** What a client has not taken yet, and when it gets no more pictures until the next key picture. Pure. */

/** A client may be behind by so many bytes and so long (ms). */
export const MAX_BEHIND = { bytes: 2 * 1024 * 1024, time: 1_000 };

interface Write {
  readonly bytes: number;
  readonly since: number;
  /** Of the group of pictures that it began with: as large as it is, it is not held against the client. */
  readonly burst: boolean;
}

/**
 * Pictures need the ones before them, so a slow client loses all from one on up to a key picture, and nobody else loses any. Where
 * it is, says how much was given to its socket and is not written yet.
 */
export class Backlog {
  readonly #writes: Write[] = [];
  #bytes = 0;
  #skipping = false;
  /** Pictures that were left out. */
  dropped = 0;

  /** Bytes that were added and are not gone; those of the first burst do not count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the next picture is sent. @param now milliseconds */
  takes(key: boolean, burst: boolean, now: number): boolean {
    const oldest = this.#writes[0];
    const isBehind =
      this.#bytes > MAX_BEHIND.bytes || (oldest !== undefined && now - oldest.since > MAX_BEHIND.time);
    if (isBehind && !burst) this.#skipping = true;
    else if (key) this.#skipping = false;
    if (this.#skipping) this.dropped++;
    return !this.#skipping;
  }

  add(bytes: number, burst: boolean, now: number): void {
    this.#writes.push({ bytes, since: now, burst });
    if (!burst) this.#bytes += bytes;
  }

  /** What was added first is gone. */
  gone(): void {
    const write = this.#writes.shift();
    if (write && !write.burst) this.#bytes -= write.bytes;
  }
}
