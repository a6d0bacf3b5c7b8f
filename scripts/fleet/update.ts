/** Brings boxes up to date and waits until the new version answers. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Update } from '../../daemon/schema.ts';
import { HostFailure, type Outcome, UsageError } from './failure.ts';
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { look } from './restoring.ts';
import type { Session } from './session.ts';

interface Options extends CommonOptions {
  source?: string;
  file?: string;
  check?: true;
}

/** Where the files of --file lie on the box: on its writable part, gone with the next update. */
const FOLDER = '/var/tmp/walleye-update';
/** Milliseconds between two looks. */
const PAUSE = 3_000;

const HELP = `
An update is signed, and the box checks that, wherever it comes from. A box that does not show its wall with the new version
goes back to the old one by itself: that is told as a failure. Update a few first: --parallel 2.`;

const program = takesHosts(fleetProgram('update', 'bring boxes up to date', 2400))
  .option('--source <url>', 'folder with SHA256SUMS and the files, instead of the box’s own source')
  .option('--file <folder>', 'the same as a folder of this machine: copied to the boxes')
  .option('--check', 'say which version there is, and do nothing')
  .addHelpText('after', HELP)
  .action(async (given: string[], options: Options) => {
    const hosts = hostsOf(given, options);
    if (options.source !== undefined && options.file !== undefined)
      throw new UsageError('Give either --source or --file.');
    const files = options.file === undefined ? [] : filesOf(options.file);
    process.exitCode = await runFleet(hosts, options, [], (session) => update(session, options, files));
  });

async function update(session: Session, options: Options, files: string[]): Promise<Outcome> {
  const checkOnly = options.check === true || options.dryRun === true;
  if (options.file !== undefined && !checkOnly) await copy(session, options.file, files);
  const from = options.file === undefined ? options.source : checkOnly ? undefined : `file://${FOLDER}`;
  const source = from === undefined ? [] : ['--source', from];
  session.say('looks for a new version');
  const before = await ask(session, ['--check', ...source]);
  if (before.available === null || before.available === before.version)
    return { result: 'unchanged', what: `nothing to change, it has ${before.version}`, details: before };
  const target = before.available;
  if (checkOnly)
    return {
      result: 'changed',
      what: `${target} is there for it, it has ${before.version}`,
      details: before,
    };
  session.say(`updates ${before.version} → ${target}`);
  const started = performance.now();
  await ask(session, ['--start', ...source]);
  return arrival(session, before.version, target, started);
}

/** @throws HostFailure */
async function ask(session: Session, args: string[]): Promise<Update> {
  const { answer } = await session.walleye<Update>(['update', ...args, '--json']);
  if (!answer.supported) throw new HostFailure('failed', 'it cannot be updated: no appliance');
  if (answer.state === 'failed')
    throw new HostFailure('failed', answer.message ?? 'the update failed', answer);
  return answer;
}

/** Until the new version answers and has nothing more to do: before that the box may still go back. */
async function arrival(session: Session, old: string, target: string, started: number): Promise<Outcome> {
  for (;;) {
    await sleep(PAUSE, undefined, { signal: session.signal }).catch(() => {}); // stopped: the next call says so
    if (session.left <= 1) throw new HostFailure('failed', `${target} was not there in time`);
    const system = await look(session);
    const now = system && (await ask(session, []));
    if (!system || !now) {
      session.say('restarts');
      continue;
    }
    const { state, progress, message, rolled_back } = now;
    if (state === 'idle' && system.version === target)
      return { result: 'changed', what: `${old} → ${target}` };
    const restarted = system.uptime < (performance.now() - started) / 1000;
    if (state === 'idle' && restarted) {
      const why = rolled_back?.reason ?? message ?? `${target} did not show its wall`;
      throw new HostFailure('failed', `it went back to ${system.version}: ${why}`, now);
    }
    const percent = progress === null ? '' : ` ${Math.round(progress)} %`;
    session.say(`${state}${percent}${message === null ? '' : `: ${message}`}`);
  }
}

function filesOf(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('-'))
      .map(({ name }) => name);
  } catch (cause) {
    throw new UsageError(`${folder} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (names.includes('SHA256SUMS')) return names;
  throw new UsageError(`${folder} holds no SHA256SUMS: give the folder that image/build made.`);
}

async function copy(session: Session, folder: string, files: string[]): Promise<void> {
  session.say('copies the files');
  const tar = spawn('tar', ['-C', folder, '-cf', '-', '--', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { code, err } = await session.run({
    argv: [
      'sh',
      '-c',
      `rm -rf ${FOLDER} && mkdir -m 755 ${FOLDER} && tar -C ${FOLDER} --no-same-owner -xf -`,
    ],
    input: tar.stdout,
  });
  tar.kill();
  if (code !== 0)
    throw new HostFailure('failed', `the files could not be copied: ${err.trim().split('\n').at(-1)}`);
}

await main(program);
