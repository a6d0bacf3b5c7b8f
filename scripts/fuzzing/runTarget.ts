import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOUND_FOLDER, loadTarget } from '../../test/fuzz/targets.ts';

/** Seconds that one input may take, MB that the process may hold, bytes of an input. */
const LIMITS = ['-timeout=5', '-rss_limit_mb=2048', '-max_len=4096'];
/** Of the output that is kept, bytes. */
const KEPT = 64 * 1024;

export interface TargetRun {
  readonly name: string;
  /** Program and arguments before the target. */
  readonly command: readonly string[];
  readonly seconds: number;
  /** What was learned and found goes below it. */
  readonly folder: string;
  readonly bundle: string;
}

export interface Outcome {
  readonly name: string;
  readonly runs: number;
  /** Branches that were reached. */
  readonly covered: number;
  /** undefined: none */
  readonly problem: string | undefined;
  /** Files with the bytes that did it. */
  readonly inputs: readonly string[];
}

export async function runTarget({ name, command, seconds, folder, bundle }: TargetRun): Promise<Outcome> {
  const corpus = join(folder, 'corpus', name);
  const failures = join(folder, 'failures', name);
  rmSync(failures, { recursive: true, force: true });
  for (const one of [corpus, failures]) mkdirSync(one, { recursive: true });
  for (const input of await beginnings(name)) {
    const file = createHash('sha1').update(input).digest('hex');
    if (!existsSync(join(corpus, file))) writeFileSync(join(corpus, file), input);
  }
  const engine = [
    `-max_total_time=${seconds}`,
    ...LIMITS,
    `-artifact_prefix=${failures}/`,
    '-print_final_stats=1',
  ];
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, bundle, corpus, '--sync', '--', ...engine], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said = (said + text.toString('latin1')).slice(-KEPT);
    });
  const [code] = (await once(child, 'close')) as [number | null];
  const inputs = readdirSync(failures).map((file) => join(failures, file));
  // Its statistics are cut off at times: the process ends before they are out.
  const [, runs, covered] = [...said.matchAll(/#(\d+)\s+\w+\s+cov: (\d+)/g)].at(-1)?.map(Number) ?? [0, 0, 0];
  const fault = code !== 0 || inputs.length > 0 ? faultIn(said) : undefined;
  // An engine that tried nothing found nothing either.
  const idle =
    fault === undefined && (!runs || !covered) ? `nothing was tried:\n${said.slice(-2000)}` : undefined;
  return { name, runs: runs ?? 0, covered: covered ?? 0, problem: fault ?? idle, inputs };
}

async function beginnings(name: string): Promise<readonly Buffer[]> {
  const { seeds } = await loadTarget(name);
  const folder = join(FOUND_FOLDER, name);
  const found = existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file))) : [];
  return [...seeds, ...found];
}

/** The engine's own words, without its dictionary and its statistics. */
function faultIn(said: string): string {
  const at = said.search(/==\d+== |Uncaught Exception|ERROR: libFuzzer/);
  return (at < 0 ? said.slice(-2000) : said.slice(at, at + 2000)).trim();
}
