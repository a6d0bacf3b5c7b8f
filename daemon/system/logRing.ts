import type { LogEntry, LogList } from '../schema.ts';

/** From the least to the worst, as pino names them. */
const LEVELS: readonly LogEntry['level'][] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const KEPT = 2000;
/** Characters of a message and of its details. 2000 entries are a few hundred kilobytes, and 14 MB at the very worst. */
const MOST_MESSAGE = 1000;
const MOST_DETAIL = 6000;

export interface LogQuestion {
  /** `last` of the answer before: only what came behind it. Left out: the newest entries. */
  after?: number | undefined;
  /** This one and all that are worse. */
  level?: LogEntry['level'] | undefined;
  component?: string | undefined;
  /** Entries at most. */
  limit: number;
}

/**
 * The newest lines of the log, in memory, for a page. It is a stream of the logger and gets the finished lines, so that
 * secrets are out of them already.
 */
export class LogRing {
  readonly #kept: number;
  /** At `seq % #kept`. */
  readonly #entries: LogEntry[] = [];
  #last = 0;

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** One line of JSON as pino writes it. Never throws. */
  write(line: string): void {
    const seq = this.#last + 1;
    this.#entries[seq % this.#kept] = entryOf(seq, line);
    this.#last = seq;
  }

  /** In the order in which they were written. With `after` the first ones behind it, so that reading on leaves nothing out. */
  read({ after, level = 'trace', component, limit }: LogQuestion): LogList {
    const least = LEVELS.indexOf(level);
    const oldest = Math.max(1, this.#last - this.#kept + 1);
    // A number that was never given is of the daemon before this one.
    const begin = after === undefined || after > this.#last ? oldest : Math.max(oldest, after + 1);
    const fitting: LogEntry[] = [];
    for (let seq = begin; seq <= this.#last; seq++) {
      const entry = this.#entries[seq % this.#kept];
      if (!entry || LEVELS.indexOf(entry.level) < least) continue;
      if (component !== undefined && entry.component !== component) continue;
      fitting.push(entry);
    }
    if (fitting.length <= limit) return { entries: fitting, last: this.#last };
    // Who begins anew wants to know what happened lately; `after=0` is such a beginning.
    if (!after || after > this.#last) return { entries: fitting.slice(-limit), last: this.#last };
    const entries = fitting.slice(0, limit);
    return { entries, last: entries.at(-1)?.seq ?? after };
  }
}

function entryOf(seq: number, line: string): LogEntry {
  try {
    const { time, level, component, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return {
      seq,
      time: Date.parse(String(time)) / 1000 || Date.now() / 1000,
      level: LEVELS.find((known) => known === level) ?? 'info',
      component: typeof component === 'string' ? component : null,
      message: String(msg ?? '').slice(0, MOST_MESSAGE),
      detail: Object.keys(rest).length > 0 ? JSON.stringify(rest).slice(0, MOST_DETAIL) : null,
    };
  } catch {
    const message = line.trim().slice(0, MOST_MESSAGE);
    return { seq, time: Date.now() / 1000, level: 'info', component: null, message, detail: null };
  }
}
