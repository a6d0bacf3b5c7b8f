/** What waits of the sound for one viewer. Pure: the caller brings the clock. */
import type { Waiting } from './tileQueue.ts';

/** Milliseconds that sound may wait here: what is later than that nobody wants to hear beside the pictures. */
const PATIENCE = 1_000;

/** Sound waits in its order; the oldest is left out where it waits too long. What describes it is kept: it is nothing without. */
export class SoundQueue {
  /** Fragments that were not sent. */
  dropped = 0;
  #waiting: { message: Waiting; at: number }[] = [];

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  offer(message: Waiting, now: number): void {
    if (message.kind === 'soundInit') this.#waiting = [];
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter(
      ({ message: { kind }, at }) => kind === 'soundInit' || now - at <= PATIENCE,
    );
    this.dropped += before - this.#waiting.length;
    this.#waiting.push({ message, at: now });
  }

  take(): Waiting | undefined {
    return this.#waiting.shift()?.message;
  }
}
