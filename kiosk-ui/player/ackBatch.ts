/** When to say how many bytes have come. Pure: the caller brings the clock. */

/** Milliseconds between two acknowledgements at least: the box closes a socket that says too much. */
export const ACK_LEAST = 50;
/** Milliseconds between two while messages keep coming. Each acknowledgement wakes the box, for whom it is as much work as a picture. */
export const ACK_PAUSE = 200;
/** When nothing has come for so many milliseconds the box may wait for the acknowledgement. Its window still grows when all take so long. */
export const ACK_IDLE = 100;
/** So many bytes are not left waiting for others to come. */
export const ACK_BYTES = 64 * 1024;

/**
 * Counts the bytes of the binary messages of one connection, headers included. What comes when nothing was acknowledged for a while is
 * acknowledged as it comes: then the box knows how long it took, and has not slept again since it sent it.
 */
export class AckBatch {
  #received = 0;
  #acked = 0;
  #ackedAt = -Infinity;
  #lastAt = 0;

  received(bytes: number, now: number): void {
    this.#received += bytes;
    this.#lastAt = now;
  }

  /** When to acknowledge, milliseconds of the clock; undefined: there is nothing. */
  get dueAt(): number | undefined {
    const waiting = this.#received - this.#acked;
    if (waiting === 0) return undefined;
    if (waiting >= ACK_BYTES) return this.#ackedAt + ACK_LEAST;
    return this.#lastAt >= this.#ackedAt + ACK_PAUSE ? this.#lastAt : this.#lastAt + ACK_IDLE;
  }

  /** The total to be said now. */
  take(now: number): number {
    this.#acked = this.#received;
    this.#ackedAt = now;
    return this.#received;
  }
}
