/** Milliseconds: an event that was just sent gets through before its socket is closed. */
const GRACE = 250;

/** What callers hold open (pictures, events), so that it ends when they lose the right to it. */
export class Live {
  readonly #held = new Map<string, Set<() => void>>();

  get size(): number {
    return [...this.#held.values()].reduce((sum, held) => sum + held.size, 0);
  }

  /** @param key `Caller.key` · @returns call it when it has ended by itself */
  hold(key: string, end: () => void): () => void {
    const held = this.#held.get(key) ?? new Set();
    this.#held.set(key, held);
    held.add(end);
    return () => {
      held.delete(end);
      if (held.size === 0 && this.#held.get(key) === held) this.#held.delete(key);
    };
  }

  /** Ends all that hangs on that key now, a moment later. */
  end(key: string): void {
    const held = [...(this.#held.get(key) ?? [])];
    if (held.length === 0) return;
    setTimeout(() => {
      for (const end of held) end();
    }, GRACE).unref();
  }
}
