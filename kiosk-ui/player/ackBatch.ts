/** When to say how many bytes have come. Pure: the caller brings the clock. */

/** Milliseconds between two acknowledgements at least: the box closes a socket that says too much. */
export const ACK_PAUSE = 50;
/** So many bytes are not left waiting for others to come. */
export const ACK_BYTES = 64 * 1024;

/** Counts the bytes of the binary messages of one connection, headers included. */
export class AckBatch {
  #received = 0;
  #acked = 0;
  #ackedAt = -Infinity;
  /** When the first byte came that is not acknowledged. */
  #firstAt = 0;

  received(bytes: number, now: number): void {
    if (this.#received === this.#acked) this.#firstAt = now;
    this.#received += bytes;
  }

  /** When to acknowledge, milliseconds of the clock; undefined: there is nothing. */
  get dueAt(): number | undefined {
    const waiting = this.#received - this.#acked;
    if (waiting === 0) return undefined;
    const allowed = this.#ackedAt + ACK_PAUSE;
    return waiting >= ACK_BYTES ? allowed : Math.max(allowed, this.#firstAt + ACK_PAUSE);
  }

  /** The total to be said now. */
  take(now: number): number {
    this.#acked = this.#received;
    this.#ackedAt = now;
    return this.#received;
  }
}
