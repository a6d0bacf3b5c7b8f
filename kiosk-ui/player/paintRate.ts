/** How many pictures a second were painted lately. Pure. */

/** Milliseconds. */
const SPAN = 2_000;

export class PaintRate {
  #painted: { at: number; total: number }[] = [];

  /** @param total pictures painted since the beginning */
  add(total: number, now: number): void {
    this.#painted.push({ at: now, total });
    while (this.#painted.length > 2 && this.#painted[1]!.at < now - SPAN) this.#painted.shift();
  }

  /** Pictures a second; 0: nothing was painted. */
  at(now: number): number {
    const [first] = this.#painted.filter(({ at }) => at >= now - SPAN);
    const last = this.#painted.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    // A camera that went away shows: the time since its last picture counts where it is longer than usual.
    const usual = (last.at - first.at) / (last.total - first.total);
    const span = Math.max(last.at - first.at, now - first.at - usual);
    return ((last.total - first.total) * 1_000) / span;
  }

  clear(): void {
    this.#painted = [];
  }
}
