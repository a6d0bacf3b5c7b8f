import { performance } from 'node:perf_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Notify } from './notify.ts';

/** One thing without which the daemon is of no use. Cameras that are merely off must not fail it. */
export interface Check {
  /** As it stands in the log and in `systemctl status`. */
  name: string;
  /** Passes by returning; fails by throwing, or by not being done in time. */
  check: () => void | Promise<void>;
}

export interface WatchdogOptions {
  /** Microseconds after which systemd kills us unfed (`Config.watchdogUsec`); undefined: checks are still made and logged. */
  usec: number | undefined;
  checks: readonly Check[];
  notify: Pick<Notify, 'watchdog' | 'trouble'>;
  log: Logger;
}

/** Milliseconds between rounds where systemd does not watch. */
const UNWATCHED_INTERVAL = 10_000;
/** Milliseconds that the event loop may stand still before the log says so: so do the pictures. */
const BLOCKED = 1000;
/** Milliseconds between two looks at it. */
const TURN = 500;

/**
 * Feeds systemd's watchdog three times in its period, each time only after every check has passed. A check has as
 * long as one interval; one that hangs is not started a second time. While one fails the watchdog starves, and
 * after `WatchdogSec=` systemd starts the daemon anew. That the event loop turns is shown by getting here at all.
 */
export async function run(signal: AbortSignal, options: WatchdogOptions): Promise<void> {
  const { usec, notify, log } = options;
  const interval = usec === undefined ? UNWATCHED_INTERVAL : Math.max(1, Math.floor(usec / 3000));
  const probes = options.checks.map((check) => new Probe(check));
  const turns = watchEventLoop(log);
  let failing = '';

  while (!signal.aborted) {
    const begun = performance.now();
    // Once around the loop: sockets were polled too, not only timers run.
    await turn();
    const results = await Promise.all(probes.map((probe) => probe.probe(interval)));
    const failures = results.filter((result) => result !== undefined);
    if (signal.aborted) break;

    if (failures.length === 0) await notify.watchdog();
    const now = failures.map((failure) => failure.name).join(', ');
    if (now !== failing) report(failures);
    failing = now;

    await sleep(Math.max(interval - (performance.now() - begun), 1), undefined, { signal }).catch(() => {});
  }
  clearInterval(turns);

  function report(failures: readonly Failure[]): void {
    if (failures.length === 0) {
      log.info({}, 'watchdog: every check passes again');
      notify.trouble(undefined);
      return;
    }
    for (const { name, error } of failures) {
      log.error({ check: name, err: error }, `watchdog: ${name} failed, systemd is not fed`);
    }
    notify.trouble(`FAILING ${failures.map(({ name, error }) => `${name} (${error.message})`).join(', ')}`);
  }
}

/** By a timer of our own: the histogram of perf_hooks drops the first gap after every reset. */
function watchEventLoop(log: Logger): NodeJS.Timeout {
  let last = performance.now();
  return setInterval(() => {
    const blocked = performance.now() - last - TURN;
    last += blocked + TURN;
    if (blocked > BLOCKED) log.warn({ blocked_ms: Math.round(blocked) }, 'the event loop was blocked');
  }, TURN);
}

interface Failure {
  name: string;
  error: Error;
}

class Probe {
  readonly #check: Check;
  #pending: Promise<Failure | undefined> | undefined;
  #since = 0;

  constructor(check: Check) {
    this.#check = check;
  }

  /** @param limit milliseconds @returns undefined when it passed */
  async probe(limit: number): Promise<Failure | undefined> {
    if (!this.#pending) {
      this.#since = performance.now();
      this.#pending = this.#once(limit).finally(() => {
        this.#pending = undefined;
      });
    }
    const late = new AbortController();
    const timeout = sleep(limit, 'late' as const, { signal: late.signal }).catch(() => 'late' as const);
    const result = await Promise.race([this.#pending, timeout]);
    late.abort();
    if (result !== 'late') return result;
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    return { name: this.#check.name, error: new Error(`no answer for ${seconds} s`) };
  }

  async #once(limit: number): Promise<Failure | undefined> {
    const { name, check } = this.#check;
    try {
      const result = check();
      // A check that blocks the event loop wins the race against any timer, so the clock decides.
      const blocked = performance.now() - this.#since;
      await result;
      if (blocked > limit) throw new Error(`took ${(blocked / 1000).toFixed(1)} s`);
      return undefined;
    } catch (error) {
      return { name, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}
