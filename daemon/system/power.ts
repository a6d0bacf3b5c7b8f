import type { Logger } from 'pino';
import { orderReset } from './factoryReset.ts';

export interface PowerOptions {
  stateDir: string;
  /** systemd starts us again. */
  supervised: boolean;
  /** This Node can replace itself by a new process in the same place: `process.execve`, Linux and others, not Windows. */
  canReplaceItself: boolean;
  /** Begins the orderly stop. */
  stop: () => void;
  /** The machine, where it is an appliance: a reset then concerns all of it. */
  machine?: Machine;
  log: Logger;
}

/** What `Appliance` does of it. */
export interface Machine {
  readonly supported: boolean;
  /** @throws when the order cannot be left */
  factoryReset(notTaken: () => void): void;
}

/** Milliseconds, so that the answer to the request that asked for it is with the browser. */
const GRACE = 300;

/** Ending the daemon so that it comes again. */
export class Power {
  readonly #options: PowerOptions;
  #wanted = false;

  constructor(options: PowerOptions) {
    this.#options = options;
  }

  /** Why it would not come again; null: it would. */
  get obstacle(): string | null {
    const { supervised, canReplaceItself } = this.#options;
    if (supervised || canReplaceItself) return null;
    return 'Nothing would start Walleye again: it was started by hand. End it and start it again yourself.';
  }

  /** Whoever ends the process has to start it again, in its own place. */
  get replaces(): boolean {
    return this.#wanted && !this.#options.supervised;
  }

  /** Stops in order, and comes again. Returns at once. */
  restart(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#options.log.warn('restarting');
    setTimeout(this.#options.stop, GRACE);
  }

  /**
   * Everything that was saved goes: of the whole machine where root does that, else of Walleye, at the start that follows.
   *
   * @throws the file system's error: nothing happens then
   */
  factoryReset(): void {
    const { machine, log } = this.#options;
    if (machine?.supported) {
      try {
        machine.factoryReset(() => this.#resetLate());
        return;
      } catch (error) {
        log.error({ err: error }, 'the machine cannot be reset as a whole; what Walleye saved is');
      }
    }
    this.#ownReset();
  }

  /** Nobody took the order, and nobody waits for an answer any more. */
  #resetLate(): void {
    const { log } = this.#options;
    log.warn('the machine was not reset as a whole; what Walleye saved is');
    try {
      this.#ownReset();
    } catch (error) {
      log.error({ err: error }, 'the reset cannot be ordered; nothing was removed');
    }
  }

  #ownReset(): void {
    orderReset(this.#options.stateDir);
    this.restart();
  }
}
