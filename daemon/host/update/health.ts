import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateState } from '../../schema.ts';
import { writeAtomically } from '../atomicWrite.ts';
import { wholeNumber } from './environment.ts';
import { look, missing, NOTHING_SEEN } from './judgement.ts';
import { healthLimit, siteSource } from './machine.ts';
import { beforeFile, leftFile } from './places.ts';
import { keyringOf, NO_KEY } from './signature.ts';
import type { StateFile } from './stateFile.ts';
import type { Tools } from './tools.ts';
import { type Before, beforeOf, wallReport } from './wallReport.ts';

const BLESS = '/usr/lib/systemd/systemd-bless-boot';

export interface HealthPace {
  /** Milliseconds between two looks. */
  every: number;
  /** Looks, one after the other, that it has to be well: cameras are asked for one by one. */
  calm: number;
  /** Milliseconds of the limit's seconds; tests have shorter ones. */
  second: number;
}
const PACE: HealthPace = { every: 5_000, calm: 3, second: 1_000 };

/**
 * Once at each start of the machine. While the boot menu counts tries of what runs, this is a new version: it has to show
 * what the old one showed.
 *
 * @returns false: go back to the version before (walleye-unhealthy.service does)
 */
export async function judgeBoot(tools: Tools, state: StateFile, pace = PACE): Promise<boolean> {
  const { places, run, log } = tools;
  const { stdout } = await run([BLESS, 'status']);
  if (stdout.trim() !== 'indeterminate') {
    await settle(tools, state);
    return true;
  }
  const { version } = state.state;
  await state.change({ state: 'confirming', target: version, progress: null, message: null });
  const said = beforeOf(await readFile(beforeFile(places), 'utf8').catch(() => ''));
  const before = said?.target === version ? said : undefined;
  const limit = wholeNumber(await healthLimit(places), { least: 10, most: 3600, otherwise: 300 });
  log(`version ${version} has ${limit} s to show the wall`);
  const faults = await watch(tools, state, { before, limit, pace });
  if (faults.length === 0) {
    log(`version ${version} shows the wall`);
    await state.change({ state: 'idle', target: null, available: null, message: null, rolled_back: null });
    return true;
  }
  const reason = `After ${limit} s: ${faults.join('; ')}.`;
  log(`going back to the version before. ${reason}`);
  await writeAtomically(leftFile(places), `${version}\n`, { mode: 0o644 });
  await state.change({
    ...{ state: 'restarting', target: version, message: null },
    rolled_back: { version, reason, at: tools.now() },
  });
  return false;
}

/** @returns what is still missing when the time is over */
async function watch(
  { ask, log }: Tools,
  state: StateFile,
  { before, limit, pace }: { before: Before | undefined; limit: number; pace: HealthPace },
): Promise<string[]> {
  // Not the time of day: the clock is set in these minutes.
  const end = performance.now() + limit * pace.second;
  let seen = NOTHING_SEEN;
  let told = '';
  for (let calm = 0; ; ) {
    seen = look(seen, await wallReport(ask));
    const faults = missing(seen, before);
    calm = faults.length === 0 ? calm + 1 : 0;
    if (calm >= pace.calm) return [];
    const now = faults.join('; ');
    if (now !== told) {
      told = now;
      log(now === '' ? 'all is there' : `still missing: ${now}`);
      await state.change({ message: now === '' ? null : `Waiting: ${now}.` });
    }
    // What is well at the last moment is well.
    if (performance.now() >= end) return faults;
    await sleep(pace.every);
  }
}

/** Nothing has to prove itself. What an update left unfinished is told. */
async function settle(tools: Tools, state: StateFile): Promise<void> {
  const { places, log } = tools;
  const next = settled(state.state, tools.now());
  if (next.rolled_back && !state.state.rolled_back) {
    await writeAtomically(leftFile(places), `${next.rolled_back.version}\n`, { mode: 0o644 });
    log(`version ${next.rolled_back.version} was left: ${next.rolled_back.reason}`);
  }
  const key = await keyringOf(places.keyrings);
  await state.change({
    ...next,
    source: (await siteSource(places)) ?? null,
    message: key === undefined ? NO_KEY : next.message,
  });
}

/** What is so of a state at the start of a version that runs already, or runs again. Pure. */
export function settled(state: Readonly<UpdateState>, now: number): UpdateState {
  const { version, target, state: phase } = state;
  const idle: UpdateState = { ...state, state: 'idle', target: null, progress: null, message: null };
  // There was nothing to go back to.
  if (idle.rolled_back?.version === version) idle.rolled_back = null;
  const available = state.available === version ? null : state.available;
  if (phase === 'downloading' || phase === 'installing') {
    const message = `The update${target === null ? '' : ` to ${target}`} was cut off. Start it again.`;
    return { ...idle, state: 'failed', message, available };
  }
  // Another version, that was to run now, does not.
  if ((phase === 'restarting' || phase === 'confirming') && target !== null && target !== version) {
    const { rolled_back } = state;
    if (rolled_back?.version === target) return { ...idle, available: null };
    const reason = phase === 'restarting' ? NOT_STARTED : NOT_CONFIRMED;
    return { ...idle, available: null, rolled_back: { version: target, reason, at: now } };
  }
  return { ...idle, available };
}

const NOT_STARTED = 'It did not start.';
const NOT_CONFIRMED = 'It started, but the machine restarted before the wall was there again.';
