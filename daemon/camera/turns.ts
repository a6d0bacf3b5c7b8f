/** Cameras asked at a time: each takes a thread, and cameras are small computers. */
const AT_ONCE = 4;

/** Jobs in the order in which they came, a few at a time, one at a time for the same camera. */
export class Turns {
  #waiting: { key: string; job: () => Promise<void> }[] = [];
  #running = new Map<string, Promise<void>>();

  /** @param job must not reject */
  take(key: string, job: () => Promise<void>): void {
    this.#waiting.push({ key, job });
    this.#next();
  }

  /** Forgets those that have not begun. */
  clear(): void {
    this.#waiting = [];
  }

  /** Resolves when nothing runs or waits any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const index = this.#waiting.findIndex(({ key }) => !this.#running.has(key));
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (!next) return;
      const running = next.job().finally(() => {
        this.#running.delete(next.key);
        this.#next();
      });
      this.#running.set(next.key, running);
    }
  }
}
