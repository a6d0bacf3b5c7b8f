import { isSelected, type PictureSelection } from './ffmpegArgs.ts';

/**
 * Which access unit does a JPEG show? Neither Annex B nor M-JPEG carries a name or a time, so it is found by counting: the units go
 * in by one end, their pictures come out by the other in the same order, and which of them become output is known (`isSelected`).
 *
 * The count goes wrong when the decoder swallows a unit (damaged beyond concealment, a lone field): then each picture would be taken
 * for the unit before its own, for ever. Such an error always makes pictures look *older* than they are, never fresher. It shows as a
 * backlog that never empties; the owner then holds units back for a moment, and what has not come out by then (`giveUpPending`)
 * never will.
 */
export class PictureOrder {
  /** Units that the decoder swallowed, as far as noticed. */
  lost = 0;

  readonly #selection: PictureSelection;
  /** `receivedAt` and time of feeding of the units whose pictures are awaited, oldest first. */
  #pending: { receivedAt: number; fedAt: number }[] = [];
  /** Count of the next unit, as the decoder's `n`. */
  #next = 0;
  #lastFed = 0;
  #backlogSince: number | undefined;
  /** Pictures that this decoder always keeps inside (B frames, some hardware pipelines). */
  #depth = 0;
  /** The backlog was empty once, so this decoder keeps nothing inside. */
  #everEmpty = false;

  constructor(selection: PictureSelection) {
    this.#selection = selection;
  }

  /** Pictures awaited. */
  get pending(): number {
    return this.#pending.length;
  }

  /** When the unit of the oldest awaited picture was fed, milliseconds; undefined when none is awaited. */
  get oldestFedAt(): number | undefined {
    return this.#pending[0]?.fedAt;
  }

  /** A unit was written to the decoder. */
  fed(receivedAt: number, now: number): void {
    if (isSelected(this.#selection, this.#next)) this.#pending.push({ receivedAt, fedAt: now });
    this.#next += 1;
    this.#lastFed = receivedAt;
  }

  /** A JPEG came out: `receivedAt` of its unit. */
  picture(now: number): number {
    const unit = this.#pending.shift();
    if (this.#pending.length === 0) this.#everEmpty = true;
    if (this.#pending.length <= this.#depth) this.#backlogSince = undefined;
    else this.#backlogSince ??= now;
    // One more than expected: the newest unit is the only one that it can be.
    return unit?.receivedAt ?? this.#lastFed;
  }

  /** How long, in milliseconds, pictures have come out without the backlog ever becoming empty. */
  backlogAge(now: number): number {
    return this.#backlogSince === undefined ? 0 : now - this.#backlogSince;
  }

  /**
   * The decoder was left in peace and nothing more came out: what is awaited is lost, unless the backlog was never empty before; then
   * it is what this decoder keeps inside for good.
   */
  giveUpPending(): void {
    this.#backlogSince = undefined;
    if (!this.#everEmpty && this.#depth === 0) {
      this.#depth = this.#pending.length;
      return;
    }
    const lost = this.#pending.length - this.#depth;
    if (lost <= 0) return;
    this.#pending.splice(0, lost);
    this.lost += lost;
    // The filter counts decoded pictures only.
    this.#next -= lost;
  }
}
