import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { redactLine } from './redact.ts';

export interface LogOptions {
  /** As pino names them; `silent` writes nothing. */
  level: string;
  /** Where lines go: standard error by default, as JSON, or plainly when that is a terminal. */
  destination?: DestinationStream;
  /** Gets every line too, as JSON. */
  also?: DestinationStream;
}

/**
 * The daemon's log: one JSON object a line with `time` (ISO 8601), `level` and `component`. Parts make their own by
 * `log.child({ component: 'ingest' })`. Secrets are taken out of the finished line, wherever in it they are.
 */
export function createLog(options: LogOptions): Logger {
  // Written at once: the last words before a crash are the ones that matter.
  const stderr = () => pino.destination({ fd: 2, sync: true });
  const first = options.destination ?? (isatty(2) ? plainLines(stderr()) : stderr());
  const { also } = options;
  // Not pino.multistream: it has levels of its own, and both get the same here.
  const destination = also
    ? {
        write: (line: string) => {
          first.write(line);
          also.write(line);
        },
      }
    : first;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: (_fields, _level, logger) => ('component' in logger.bindings() ? {} : { component: 'daemon' }),
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}

/** For a person at a terminal: `12:34:56.789 WARN  ingest no answer camera=front code=timeout`. */
export function plainLines(target: DestinationStream): DestinationStream {
  return { write: (line) => target.write(plainLine(line)) };
}

/** @param line one line of JSON; anything else comes back unchanged */
export function plainLine(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return line;
  }
  const { time, level, component, msg, err, ...rest } = fields;
  const details = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const stack =
    err === undefined ? '' : `\n${(err as { stack?: string } | null)?.stack ?? JSON.stringify(err)}`;
  const clock = String(time).slice(11, 23);
  const head = `${clock} ${String(level).toUpperCase().padEnd(5)} ${component} ${msg ?? ''}`;
  return `${[head, ...details].join(' ')}${stack}\n`;
}
