/** Milliseconds. The daemon is given the time to say what to do, and to write it down; then the page helps itself. */
const OWN_ACCORD = 4_500;
/** A picture that was opened anew so often within so long without avail: the page is loaded again, but seldom. */
const TRIES = 3;
const TRIES_WITHIN = 60_000;
const RELOAD_PAUSE = 600_000;
const KEPT = 'walleye.reloaded';

/** Decides what to do about pictures that stand still on the screen although they are sent. */
export class Repair {
  /** When which slot was repaired. */
  #tries: { slot: number; at: number }[] = [];

  /** The tile's picture is opened anew: true when that has been in vain often enough. */
  again(slot: number, now: number): boolean {
    this.#tries = this.#tries.filter(({ at }) => now - at < TRIES_WITHIN);
    this.#tries.push({ slot, at: now });
    return this.#tries.filter((one) => one.slot === slot).length > TRIES;
  }

  /** Whether the page should not wait for the daemon's word any longer. */
  isOverdue(stuckFor: number | undefined): boolean {
    return stuckFor !== undefined && stuckFor > OWN_ACCORD;
  }

  /** Loads the page again, unless that was done a short time ago. */
  reload(): void {
    try {
      const last = Number(sessionStorage.getItem(KEPT) ?? Number.NaN);
      if (Date.now() - last < RELOAD_PAUSE) return;
      sessionStorage.setItem(KEPT, String(Date.now()));
    } catch {
      return; // it could not be told from the last time, and a page that loads for ever is worse
    }
    location.reload();
  }
}
