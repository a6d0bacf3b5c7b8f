import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Order, Verb } from '../schema.ts';
import { DAEMON_ORDERS, leaveOrder } from './orders.ts';

/**
 * Milliseconds after which an order counts as one that nobody takes. Root starts a program for it, seconds on an Atom, and
 * may have to end another order first.
 */
const PATIENCE = 60_000;

/**
 * Leaves orders for root and takes those back that nobody takes: a box that restarts of itself weeks later, because
 * somebody mended the unit, would be a riddle.
 */
export class OrderDesk {
  readonly #folder: string;
  readonly #patience: number;
  readonly #timers = new Map<Verb, NodeJS.Timeout>();

  /** @param patience milliseconds; tests shorten them */
  constructor(stateDir: string, patience = PATIENCE) {
    this.#folder = join(stateDir, DAEMON_ORDERS);
    this.#patience = patience;
  }

  /**
   * @param notTaken called when nobody took it in time; the order is withdrawn then, and will not be carried out
   * @throws the file system's error; nothing is ordered then
   */
  leave<V extends Verb>(verb: V, body: Order<V>, notTaken: () => void): void {
    leaveOrder(this.#folder, verb, body);
    clearTimeout(this.#timers.get(verb));
    const timer = setTimeout(() => {
      this.#timers.delete(verb);
      if (this.#withdraw(verb)) notTaken();
    }, this.#patience);
    this.#timers.set(verb, timer.unref());
  }

  /** Nobody has taken it yet. */
  waits(verb: Verb): boolean {
    return existsSync(this.#path(verb));
  }

  /** False: it was taken in this very moment, or before. Whoever removes the file has it. */
  #withdraw(verb: Verb): boolean {
    try {
      rmSync(this.#path(verb));
      return true;
    } catch {
      return false;
    }
  }

  #path(verb: Verb): string {
    return join(this.#folder, `${verb}.json`);
  }
}
