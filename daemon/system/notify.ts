/**
 * What systemd is told (sd_notify(3)), through the program systemd-notify(1), because Node has no Unix datagram
 * sockets. The datagrams come from a child process: the unit needs `NotifyAccess=all`.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import systemdNotify from 'systemd-notify';

/** Milliseconds between two STATUS lines: each costs a process. */
const STATUS_INTERVAL = 1000;
/** Milliseconds after which a hanging systemd-notify is killed. */
const TIMEOUT = 5000;

const run = promisify(execFile);

/** No call ever throws or rejects; all do nothing where systemd does not listen. */
export interface Notify {
  /** `READY=1`: the unit counts as started, the watchdog begins to run. */
  ready(status: string): Promise<void>;
  /** `STATUS=`, what `systemctl status` shows. At most one a second is sent, the newest wins. */
  status(text: string): void;
  /** Put in front of the status while it lasts; undefined: over. */
  trouble(text: string | undefined): void;
  /** `WATCHDOG=1`. */
  watchdog(): Promise<void>;
  /** `STOPPING=1`. Statuses after it are not sent. */
  stopping(): Promise<void>;
}

export interface NotifyOptions {
  /** `Config.notifySocket`. The programs read NOTIFY_SOCKET from the environment themselves. */
  socket: string | undefined;
  log: Logger;
}

/** @param options.socket undefined: systemd does not listen, nothing is sent */
export function createNotify(options: NotifyOptions): Notify {
  return options.socket === undefined ? silent : new SystemdNotify(options.log);
}

const silent: Notify = {
  ready: async () => {},
  status: () => {},
  trouble: () => {},
  watchdog: async () => {},
  stopping: async () => {},
};

class SystemdNotify implements Notify {
  readonly #log: Logger;
  #status = '';
  #trouble: string | undefined;
  #sentLine = '';
  #sending = false;
  #stopped = false;
  #failures = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  async ready(status: string): Promise<void> {
    this.#status = oneLine(status);
    this.#sentLine = this.#line();
    // The package leaves NOTIFY_SOCKET alone and adds --pid: systemd takes that as MAINPID, which it is.
    await this.#try('READY=1', () => systemdNotify({ ready: true, status: this.#sentLine }));
  }

  status(text: string): void {
    this.#status = oneLine(text);
    void this.#sendStatus();
  }

  trouble(text: string | undefined): void {
    this.#trouble = text === undefined ? undefined : oneLine(text);
    void this.#sendStatus();
  }

  async watchdog(): Promise<void> {
    await this.#send('WATCHDOG=1');
  }

  async stopping(): Promise<void> {
    this.#stopped = true;
    await this.#send('STOPPING=1', 'STATUS=stopping');
  }

  /** One sender at a time; what changed while it slept goes out as one line. */
  async #sendStatus(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (!this.#stopped && this.#line() !== this.#sentLine) {
      this.#sentLine = this.#line();
      await this.#try('STATUS', () => systemdNotify({ status: this.#sentLine }));
      await sleep(STATUS_INTERVAL, undefined, { ref: false });
    }
    this.#sending = false;
  }

  #line(): string {
    return [this.#trouble, this.#status].filter((part) => part).join(' · ');
  }

  /** The package knows neither WATCHDOG= nor STOPPING=. */
  async #send(...assignments: string[]): Promise<void> {
    const what = assignments[0] as string;
    await this.#try(what, () =>
      run('systemd-notify', assignments, { timeout: TIMEOUT, killSignal: 'SIGKILL' }),
    );
  }

  /** The first failure is worth a warning, the same every ten seconds is not. */
  async #try(what: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      // The package rejects with a string.
      const err = error instanceof Error ? error : new Error(String(error));
      this.#log[this.#failures === 1 ? 'warn' : 'debug'](
        { err, component: 'notify' },
        `systemd was not told ${what}: is the program systemd-notify there?`,
      );
    }
  }
}

/** A line feed would begin the next assignment of the datagram. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}
