import type { CommandResult, RunCommand } from './commands.ts';
import { done, type Pending, waiting } from './pending.ts';
import { readReport, writeReport } from './report.ts';

export interface LateOptions {
  /** Where early() keeps what the daemon has to be told. */
  pending: string;
  report: string;
  /** The command line, `walleye`. */
  walleye: string;
}

/** As the command says it: the daemon does not answer. */
const NO_DAEMON = 3;
const WAITING = 'the daemon does not answer, it is tried again';

/**
 * The daemon's part of provisioning, by the command line: cameras, layouts, users, settings. What failed is reported
 * and not tried again, but where the daemon did not answer.
 *
 * @returns whether all was handed over; false: something still waits for the daemon
 */
export async function late(options: LateOptions, run: RunCommand): Promise<boolean> {
  // Again until there is nothing: a stick may come while we are at it.
  for (let round = 0; round < 10; round += 1) {
    const all = await waiting(options.pending);
    if (all.length === 0) return true;
    for (const pending of all) {
      const result = await run(command(options.walleye, pending));
      if (result.status === NO_DAEMON) {
        await add(options.report, [], [`${WAITING}: ${firstLine(result)}`]);
        return false;
      }
      await add(options.report, lines(result.stdout), result.status === 0 ? [] : problemsOf(result));
      await done(pending);
    }
  }
  return false;
}

function command(walleye: string, { site, cameras }: Pending): string[] {
  return [walleye, 'provision', site, ...(cameras === undefined ? [] : ['--cameras', cameras]), '--no-host'];
}

/** To what early() reported. That the daemon did not answer is no news any more. */
async function add(path: string, applied: string[], problems: string[]): Promise<void> {
  const before = await readReport(path);
  const base = before ?? { source: 'earlier', at: new Date().toISOString(), applied: [], problems: [] };
  await writeReport(path, {
    ...base,
    applied: [...base.applied, ...applied],
    problems: [...base.problems.filter((problem) => !problem.startsWith(WAITING)), ...problems],
  });
}

function problemsOf(result: CommandResult): string[] {
  const said = lines(result.stderr);
  return said.length > 0 ? said : [`walleye provision failed (${result.status})`];
}

function firstLine({ stderr, stdout }: CommandResult): string {
  return lines(stderr)[0] ?? lines(stdout)[0] ?? 'it said nothing';
}

function lines(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trimEnd()]));
}
