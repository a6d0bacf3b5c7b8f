/** scripts/fuzz: makes scripts of the targets, gives each its share of the time, and tells what was found. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import { build } from 'vite';
import { TARGETS_FOLDER, targetNames } from '../../test/fuzz/targets.ts';
import { engineCommand } from './engine.ts';
import { type Outcome, runTarget } from './runTarget.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.state/fuzz');
const bundles = join(folder, 'bundles');
const DEFAULT_MINUTES = 10;
/** Seconds that a target gets at least: below, it is over before it has begun. */
const LEAST = 5;

const { minutes, names } = asked(process.argv.slice(2));
const command = engineCommand(join(root, '.cache/fuzz'));
await bundle();
const atOnce = Math.min(availableParallelism(), names.length);
const seconds = Math.max(LEAST, Math.round((minutes * 60 * atOnce) / names.length));
console.log(`${names.length} parsers, ${seconds} s each, ${atOnce} at a time`);
const limit = pLimit(atOnce);
const outcomes = await Promise.all(
  names.map((name) =>
    limit(async () => {
      const outcome = await runTarget({
        name,
        command,
        seconds,
        folder,
        bundle: join(bundles, `${name}.cjs`),
      });
      console.log(line(outcome));
      return outcome;
    }),
  ),
);
const found = outcomes.filter(({ problem }) => problem !== undefined);
for (const { name, problem, inputs } of found) {
  console.log(`\n${name}: ${problem}`);
  for (const input of inputs) console.log(`  ${input}`);
}
const runs = outcomes.reduce((sum, outcome) => sum + outcome.runs, 0);
if (found.length > 0) {
  console.log(
    `\n${found.length} of ${names.length} parsers failed. Mend each, and keep its input: move it to test/fuzz/found/TARGET/.`,
  );
  process.exitCode = 1;
} else console.log(`\nno finding: ${names.length} parsers, ${runs.toLocaleString('en')} inputs`);

function asked([first, ...rest]: string[]): { minutes: number; names: readonly string[] } {
  const isNumber = first !== undefined && /^\d+(\.\d+)?$/.test(first);
  const wanted = isNumber ? rest : first === undefined ? [] : [first, ...rest];
  const unknown = wanted.filter((name) => !targetNames.includes(name));
  if (unknown.length > 0) {
    console.error(`fuzz: there is no target ${unknown.join(', ')}. There are: ${targetNames.join(', ')}`);
    process.exit(2);
  }
  return {
    minutes: isNumber ? Number(first) : DEFAULT_MINUTES,
    names: wanted.length > 0 ? wanted : targetNames,
  };
}

/** The engine looks into CommonJS only. */
async function bundle(): Promise<void> {
  rmSync(bundles, { recursive: true, force: true });
  mkdirSync(bundles, { recursive: true });
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: bundles,
      minify: false,
      target: 'node24',
      rolldownOptions: {
        input: Object.fromEntries(
          readdirSync(TARGETS_FOLDER).map((file) => [basename(file, '.ts'), join(TARGETS_FOLDER, file)]),
        ),
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'parts/[name].cjs' },
      },
    },
  });
  const missing = names.filter((name) => !existsSync(join(bundles, `${name}.cjs`)));
  if (missing.length > 0) throw new Error(`nothing was made of ${missing.join(', ')}`);
}

function line({ name, runs, covered, problem }: Outcome): string {
  const verdict = problem === undefined ? 'ok' : 'FOUND';
  return `${name.padEnd(16)} ${runs.toLocaleString('en').padStart(12)} inputs ${String(covered).padStart(6)} branches  ${verdict}`;
}
