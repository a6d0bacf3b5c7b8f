/** The work cannot be taken on: too much of it waits already. */
export class GateFull extends Error {
  override name = 'GateFull';
}

/**
 * Lets a few works run at once and a few more wait. Known callers have a place of their own and a queue of their own, so
 * that a crowd of strangers delays nobody but strangers.
 */
export class Gate {
  readonly #slots: number;
  readonly #forStrangers: number;
  readonly #places: number;
  readonly #known: (() => void)[] = [];
  readonly #strangers: (() => void)[] = [];
  #running = 0;
  #runningStrangers = 0;

  /** @param slots at once · @param forStrangers of them · @param places that may wait, in each of the two queues */
  constructor({ slots, forStrangers, places }: { slots: number; forStrangers: number; places: number }) {
    this.#slots = slots;
    this.#forStrangers = forStrangers;
    this.#places = places;
  }

  get waiting(): number {
    return this.#known.length + this.#strangers.length;
  }

  /** @throws GateFull at once, when too many wait */
  async run<T>(known: boolean, work: () => Promise<T>): Promise<T> {
    await this.#enter(known);
    try {
      return await work();
    } finally {
      this.#running--;
      if (!known) this.#runningStrangers--;
      this.#next();
    }
  }

  #enter(known: boolean): Promise<void> {
    const queue = known ? this.#known : this.#strangers;
    if (queue.length >= this.#places) return Promise.reject(new GateFull('too much waits already'));
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.push(resolve);
    this.#next();
    return promise;
  }

  #next(): void {
    while (this.#running < this.#slots) {
      const known = this.#known.shift();
      const stranger =
        known === undefined && this.#runningStrangers < this.#forStrangers
          ? this.#strangers.shift()
          : undefined;
      const start = known ?? stranger;
      if (start === undefined) return;
      this.#running++;
      if (known === undefined) this.#runningStrangers++;
      start();
    }
  }
}
