/** The wall as it was: asks the journal whenever the playhead comes to another row of it. */
import { effect, signal } from '@preact/signals';
import { readWallReplay, type WallReplay } from '../api/recordings.ts';
import type { Failure } from '../api/request.ts';
import type { Deck } from './deck.ts';

/** Seconds that the newest row is taken for true without asking again. */
const FRESH = 5;
const RETRY = 2_000;

export class Replay {
  readonly row = signal<WallReplay | undefined>(undefined);
  readonly failure = signal<Failure | undefined>(undefined);
  readonly #deck: Deck;
  readonly #screen: number;
  #asking = false;
  #readAt = 0;
  #failedAt = -Infinity;
  #failedFor = 0;
  #end: () => void;

  constructor(deck: Deck, screen: number) {
    this.#deck = deck;
    this.#screen = screen;
    this.#end = effect(() => this.#look(deck.at.value));
  }

  close(): void {
    this.#end();
  }

  #look(at: number): void {
    if (this.#asking || this.#holds(at)) return;
    const again = Math.abs(at - this.#failedFor) > 5 || performance.now() - this.#failedAt > RETRY;
    if (again) void this.#read(at);
  }

  #holds(at: number): boolean {
    const row = this.row.peek();
    if (!row || at < row.since) return false;
    return row.until === null ? at < this.#readAt + FRESH : at < row.until;
  }

  async #read(at: number): Promise<void> {
    this.#asking = true;
    const answer = await readWallReplay(this.#screen, at);
    this.#asking = false;
    if (answer.ok) {
      this.#readAt = Date.now() / 1000;
      this.row.value = answer.value;
      this.failure.value = undefined;
      this.#deck.show(
        answer.value.tiles.map(({ camera, state, ...rect }) => ({
          camera: camera ?? undefined,
          rect,
          ...(state === 'live' || state === 'empty' ? {} : { state }),
        })),
      );
    } else {
      this.#failedAt = performance.now();
      this.#failedFor = at;
      this.failure.value = answer;
    }
    // Where the playhead is by now.
    this.#look(this.#deck.at.peek());
  }
}
