/**
 * The box as a whole, where Walleye came as one: what root tells of updates (a file of its own), and what root is asked for
 * (orders). The daemon itself may neither install nor restart anything.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Order, Update, UpdatePhase, UpdateState, Verb } from '../schema.ts';
import { OrderDesk } from './orderDesk.ts';
import { redactText } from './redact.ts';
import { RootFile } from './rootFile.ts';
import { readUpdateState } from './updateState.ts';

/** Bytes. Root writes less than two thousand. */
const STATE_LIMIT = 64 * 1024;
/** Milliseconds for which an order that was taken, and of which root says nothing, counts as being carried out. */
const SILENCE = 300_000;
const AT_WORK: readonly UpdatePhase[] = ['downloading', 'installing', 'restarting'];
const NOT_TAKEN =
  'This was asked for, but nothing on the machine took the order. Look at “systemctl status walleye-orders.path”, or restart the box.';

/** What was asked for cannot be done now; the API answers with `status`, `code` and the message as they are. */
export class ApplianceError extends Error {
  override name = 'ApplianceError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

export interface ApplianceOptions {
  /** Where root tells of updates: `/var/lib/walleye-update`. An appliance is what has it. */
  folder: string;
  stateDir: string;
  /** That runs. */
  version: string;
  log: Logger;
  /** Milliseconds that an order may lie there; tests shorten them. */
  patience?: number;
}

/** Asked for, and root has said nothing since. */
interface Asked {
  phase: UpdatePhase;
  verb: Verb;
  /** Of the state's file at that moment. */
  stamp: string;
  /** performance.now() */
  at: number;
}

export class Appliance {
  readonly #options: ApplianceOptions;
  readonly #orders: OrderDesk;
  readonly #state: RootFile<UpdateState>;
  #asked: Asked | undefined;
  /** The order that nobody took, until root says something or another one is left. */
  #failed: { stamp: string; message: string } | undefined;
  /** The notice that was read; root takes it out of the state in its own time. */
  #dismissed: string | undefined;
  #changed = () => {};
  #told = '';

  constructor(options: ApplianceOptions) {
    this.#options = options;
    this.#orders = new OrderDesk(options.stateDir, options.patience);
    this.#state = new RootFile(join(options.folder, 'state.json'), {
      limit: STATE_LIMIT,
      parse: readUpdateState,
    });
  }

  get supported(): boolean {
    return statSync(this.#options.folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  /** Looks what root says, until `signal`. @param changed the status is another one now */
  async run(signal: AbortSignal, changed: () => void): Promise<void> {
    this.#changed = changed;
    this.#told = JSON.stringify(this.status());
    await this.#state.run(signal, (isNew) => {
      const { path, problem } = this.#state;
      if (isNew && problem !== undefined)
        this.#options.log.warn({ file: path }, `the state of updates ${problem}`);
      this.#tell();
    });
    this.#changed = () => {};
  }

  status(): Update {
    const { version } = this.#options;
    const { value: state, problem } = this.#state;
    const told: Update = {
      supported: this.supported,
      version,
      available: state?.available ?? null,
      checked: state?.checked ?? null,
      state: state?.state ?? 'idle',
      progress: state?.progress ?? null,
      message: problem === undefined ? readable(state?.message) : `The state of updates ${problem}.`,
      source: readable(state?.source),
      rolled_back: this.#rolledBack(state),
    };
    if (AT_WORK.includes(told.state)) told.available ??= state?.target ?? null;
    const asked = this.#pending();
    if (asked) return { ...told, state: asked.phase, progress: null, message: null };
    if (this.#failed?.stamp === this.#state.stamp)
      return { ...told, state: 'failed', progress: null, message: this.#failed.message };
    return told;
  }

  /** Brings the newest version that is known in. @throws ApplianceError */
  start(): void {
    this.#refuseWhileUpdating();
    if (this.status().available === null) {
      const message =
        'No newer version is known. Look for updates first, or plug in a stick labelled WALLEYE that holds one and look then.';
      throw new ApplianceError(409, 'no_update', message);
    }
    this.#ask('update-start', 'downloading');
  }

  /** Looks whether there is a newer version. @throws ApplianceError */
  check(): void {
    this.#refuseWhileUpdating();
    this.#ask('update-check', 'checking');
  }

  /** Somebody has read that the box went back to the version before. @throws ApplianceError */
  dismiss(): void {
    const { value } = this.#state;
    if (!value?.rolled_back) return;
    this.#leave('update-dismiss', {}, () => {
      this.#dismissed = undefined;
      this.#tell();
    });
    this.#dismissed = keyOf(value);
    this.#tell();
  }

  /** Restarts the machine. @throws ApplianceError */
  reboot(): void {
    this.#refuseWhileUpdating();
    this.#leave('reboot', {}, () => this.#fail(NOT_TAKEN));
  }

  /** Empties all that the machine ever wrote, and restarts it. @throws ApplianceError */
  factoryReset(notTaken: () => void): void {
    // Not refused while it is being updated: where that hangs, this is the way out.
    this.#leave('factory-reset', { confirm: 'RESET' }, notTaken);
  }

  #ask(verb: 'update-check' | 'update-start', phase: UpdatePhase): void {
    this.#failed = undefined;
    this.#leave(verb, {}, () => {
      this.#asked = undefined;
      this.#fail(NOT_TAKEN);
    });
    this.#asked = { phase, verb, stamp: this.#state.stamp, at: performance.now() };
    this.#tell();
  }

  #leave<V extends Verb>(verb: V, body: Order<V>, notTaken: () => void): void {
    const { log } = this.#options;
    try {
      this.#orders.leave(verb, body, () => {
        log.error({ order: verb }, 'nothing on the machine took the order');
        notTaken();
      });
      log.info({ order: verb }, 'ordered');
    } catch (cause) {
      const message = `The order cannot be written (${(cause as Error).message}), so nothing happens. Look at free space and rights of the state folder.`;
      throw new ApplianceError(503, 'io', message, { cause });
    }
  }

  #fail(message: string): void {
    this.#failed = { stamp: this.#state.stamp, message };
    this.#tell();
  }

  #pending(): Asked | undefined {
    const asked = this.#asked;
    if (!asked) return undefined;
    const isSilent = asked.stamp === this.#state.stamp;
    const late = performance.now() - asked.at > SILENCE && !this.#orders.waits(asked.verb);
    if (isSilent && !late) return asked;
    this.#asked = undefined;
    return undefined;
  }

  /** What was asked for in the middle of an update would leave the box with half of one. */
  #refuseWhileUpdating(): void {
    this.#state.look();
    const { state, available, version } = this.status();
    if (state === 'checking')
      throw new ApplianceError(
        409,
        'update_running',
        'The box is looking for updates just now. Wait for it.',
      );
    if (state === 'confirming') {
      const message = `Version ${version} has just been installed and has to show that it works. Wait until that is over: minutes.`;
      throw new ApplianceError(409, 'update_running', message);
    }
    if (!AT_WORK.includes(state)) return;
    const which = available === null ? 'An update' : `Version ${available}`;
    const message = `${which} is being installed. Wait until that is over: the box then restarts by itself.`;
    throw new ApplianceError(409, 'update_running', message);
  }

  #rolledBack(state: UpdateState | undefined): Update['rolled_back'] {
    if (!state?.rolled_back || keyOf(state) === this.#dismissed) return null;
    return { ...state.rolled_back, reason: redactText(state.rolled_back.reason) };
  }

  #tell(): void {
    const now = JSON.stringify(this.status());
    if (now === this.#told) return;
    this.#told = now;
    this.#changed();
  }
}

function keyOf({ rolled_back }: UpdateState): string {
  return JSON.stringify(rolled_back);
}

/** Addresses may hold a password. */
function readable(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : redactText(text);
}
