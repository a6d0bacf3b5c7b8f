/** Walleye's own log, as the journal or the API has it. Pure and total. */
import { redactLine } from '../redact.ts';

export interface LogLine {
  /** ISO 8601; empty: it does not say when. Of several the last. */
  readonly time: string;
  readonly level: 'warn' | 'error';
  readonly text: string;
}

const LEVELS: Readonly<Record<string, LogLine['level']>> = { warn: 'warn', error: 'error', fatal: 'error' };
/** What is no JSON comes from Node.js itself, when it dies. */
const DYING = /\b(?:error|fatal|assert(?:ion)?|abort(?:ed)?|heap)\b/i;
const LONGEST = 4096;

/**
 * Warnings and what is worse, the oldest first.
 * @param text of `journalctl --output=cat`: a line of JSON each, as pino writes it
 */
export function warningsOf(text: string): LogLine[] {
  return text.split('\n').flatMap((row) => {
    if (row === '') return [];
    // The log was cleaned when it was written; that was perhaps an older version.
    const line = redactLine(row.slice(0, LONGEST));
    const fields = parsed(line);
    if (fields === undefined)
      return DYING.test(line) && !line.startsWith('{')
        ? [{ time: '', level: 'error' as const, text: line }]
        : [];
    const level = LEVELS[String(fields.level)];
    return level === undefined ? [] : [{ time: String(fields.time ?? ''), level, text: sentence(fields) }];
  });
}

/** The same words again and again become one line, in the place of the last; `count` tells how often. */
export function gathered(lines: readonly LogLine[]): (LogLine & { readonly count: number })[] {
  const found = new Map<string, LogLine & { count: number }>();
  for (const line of lines) {
    const key = `${line.level} ${line.text}`;
    const count = (found.get(key)?.count ?? 0) + 1;
    found.delete(key);
    found.set(key, { ...line, count });
  }
  return [...found.values()];
}

function sentence({ component, msg, err, ...rest }: Fields): string {
  const error = typeof err === 'object' && err !== null ? (err as Fields).message : err;
  const details = Object.entries(rest)
    .filter(([name]) => name !== 'level' && name !== 'time')
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const said = [msg, error].filter((word) => typeof word === 'string' && word !== '') as string[];
  // An error's own words are often the message's too, and more.
  const words = said
    .filter((word, index) => !said.some((other, at) => at > index && other.startsWith(word)))
    .join(': ');
  return [`${component ?? 'walleye'}: ${words}`, ...details].join(' ');
}

type Fields = Readonly<Record<string, unknown>>;
function parsed(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
