/** Whether a network loses so many packets that pictures should rather come by TCP. Pure: the caller brings the clock. */

/** Milliseconds that are looked back on, and from one look to the next at least. */
const WINDOW = 10_000;
const PACE = 1_000;
/** A key picture of 1080p has a hundred packets: from 1 % on more of them come broken than whole. */
const MOST_LOST = 0.01;
/** Looks of the window in which something was lost: a cable that was plugged in anew is no reason. */
const LEAST_LOOKS = 3;

interface Look {
  readonly at: number;
  readonly received: number;
  readonly lost: number;
}

export class LossWatch {
  #looks: Look[] = [];

  /**
   * @param counted since the session began @param now milliseconds
   * @returns the share (0…1) of the packets that is lost again and again; undefined: it is bearable, or not known yet
   */
  look(counted: { received: number; lost: number }, now: number): number | undefined {
    const newest = this.#looks.at(-1);
    if (newest && now - newest.at < PACE) return undefined;
    this.#looks.push({ ...counted, at: now });
    // The last one outside of the window stays: the window counts from it.
    while (this.#looks.length > 1 && now - this.#looks[1]!.at >= WINDOW) this.#looks.shift();
    const oldest = this.#looks[0]!;
    if (now - oldest.at < WINDOW) return undefined;
    const lost = counted.lost - oldest.lost;
    const share = lost / Math.max(1, lost + counted.received - oldest.received);
    const lossy = this.#looks.filter(({ lost }, i) => i > 0 && lost > this.#looks[i - 1]!.lost).length;
    return share >= MOST_LOST && lossy >= LEAST_LOOKS ? share : undefined;
  }

  /** What was counted before says nothing about what comes: a pause, another session. */
  reset(): void {
    this.#looks = [];
  }
}
