/** The same work on many boxes, several at a time; a summary at the end. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from '../../daemon/system/cli/output.ts';
import { HostFailure, type Outcome, type Result } from './failure.ts';
import { firstContact } from './firstContact.ts';
import type { Host } from './hosts.ts';
import { type CommonOptions, EXIT, sessionOptions } from './program.ts';
import { Progress } from './progress.ts';
import { cleaner } from './secrets.ts';
import { Session } from './session.ts';

export interface Row extends Outcome {
  host: string;
  seconds: number;
}

/** Work on one box. @throws HostFailure */
export type Work = (session: Session, print: (text: string) => void) => Promise<Outcome>;

const WORDS: Record<Result, string> = {
  changed: 'changed',
  unchanged: 'unchanged',
  failed: 'FAILED',
  unreachable: 'UNREACHABLE',
  key_refused: 'KEY REFUSED',
};

/**
 * @param secrets what must not be printed, whoever says it
 * @param summary where it goes: standard error when the work itself prints
 * @returns the exit status
 */
export async function runFleet(
  hosts: Host[],
  options: CommonOptions,
  secrets: Iterable<string>,
  work: Work,
  summary: NodeJS.WriteStream = process.stdout,
): Promise<number> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const clean = cleaner(secrets);
  const progress = new Progress(
    hosts.map(({ label }) => label),
    process.stderr,
    clean,
  );
  const { settings, end } = await dryPins(options);
  const rows = new Map<Host, Row>();
  const queue = [...hosts];
  const one = async (host: Host) => {
    const started = performance.now();
    const session = new Session(host, settings, controller.signal, (text) => progress.say(host.label, text));
    session.say('connects');
    const outcome = await perform(session, options, (text) => progress.print(text), work);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    rows.set(host, { host: host.label, seconds, ...outcome, what: clean(outcome.what) });
    session.say(`${WORDS[outcome.result]}: ${outcome.what} (${seconds} s)`);
  };
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await one(next);
  };
  await Promise.all(Array.from({ length: Math.min(options.parallel, hosts.length) }, worker));
  await end();
  const ordered = hosts.flatMap((host) => rows.get(host) ?? []);
  summary.write(`${options.json ? clean(asJson(ordered)) : asTable(ordered)}\n`);
  return exitOf(ordered);
}

async function perform(
  session: Session,
  options: CommonOptions,
  print: (text: string) => void,
  work: Work,
): Promise<Outcome> {
  if (session.signal.aborted) return { result: 'failed', what: 'stopped before it began' };
  try {
    await firstContact(session, options, print);
    return await work(session, print);
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error;
    const { result, message, details } = error;
    return { result, what: message, ...(details === undefined ? {} : { details }) };
  }
}

/** A dry run pins nothing for good: it works with a copy. */
async function dryPins(options: CommonOptions) {
  const settings = sessionOptions(options);
  if (!options.dryRun || (!options.pin && options.fingerprint.length === 0))
    return { settings, end: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'walleye-pins-'));
  const pins = join(folder, 'known_hosts');
  await copyFile(settings.pins, pins).catch(() => {}); // none yet
  return { settings: { ...settings, pins }, end: () => rm(folder, { recursive: true }) };
}

export function exitOf(rows: Row[]): number {
  const have = (...results: Result[]) => rows.some(({ result }) => results.includes(result));
  if (have('key_refused')) return EXIT.keyRefused;
  if (rows.every(({ result }) => result === 'unreachable')) return EXIT.noneReached;
  return have('failed', 'unreachable') ? EXIT.someFailed : EXIT.done;
}

function asTable(rows: Row[]): string {
  return table(
    ['host', 'result', 'seconds', 'what'],
    rows.map(({ host, result, seconds, what }) => [
      host,
      WORDS[result],
      seconds.toFixed(1),
      // One line each: whatever is longer was told above.
      what.replace(/\s*\n\s*/g, '; '),
    ]),
    'No boxes.',
  );
}

function asJson(rows: Row[]): string {
  return JSON.stringify({ changed: rows.some(({ result }) => result === 'changed'), hosts: rows }, null, 2);
}
