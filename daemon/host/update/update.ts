import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../atomicWrite.ts';
import { removeBootEntry } from './bootEntry.ts';
import { type BroughtIn, bringIn, broughtIn, lookIn } from './bringIn.ts';
import { siteSource } from './machine.ts';
import { folderOf } from './order.ts';
import { beforeFile, filesFolder, stickFolder } from './places.ts';
import { keyringOf, NO_KEY } from './signature.ts';
import type { StateFile } from './stateFile.ts';
import { Sysupdate } from './sysupdate.ts';
import type { Tools } from './tools.ts';
import { beforeRestart } from './wallReport.ts';

const NO_SOURCE =
  'Nobody has said where updates come from (update_source of the site file): plug in a stick labelled WALLEYE that holds one.';
/** Milliseconds between two writes of the state while it is being installed: flash wears out. */
const PACE = 3_000;

/** Looks whether there is a newer version, and tells in the state. */
export async function check(tools: Tools, state: StateFile, given: string | undefined): Promise<void> {
  const found = await search(tools, state, given, 'look');
  const checked = tools.now();
  if ('problem' in found) return fail(tools, state, found.problem, { checked });
  const source = shown(found.source);
  await state.change({
    state: 'idle',
    available: found.version,
    checked,
    message: null,
    progress: null,
    source,
  });
  tools.log(found.version === null ? 'no newer version' : `version ${found.version} is there`);
}

/**
 * Installs the newest version beside the one that runs, and restarts the machine.
 *
 * @param given a source in place of the site's
 */
export async function start(tools: Tools, state: StateFile, given: string | undefined): Promise<void> {
  const { places, run, now, log, ask } = tools;
  try {
    const found = await search(tools, state, given, 'fetch');
    const checked = now();
    if ('problem' in found) return await fail(tools, state, found.problem, { checked });
    const { version: target, sysupdate } = found;
    if (target === null || !sysupdate) {
      const message = `There is no newer version than ${state.state.version}.`;
      return await fail(tools, state, message, { checked, available: null });
    }
    log(`installing version ${target}`);
    const phase = folderOf(found.source) === undefined ? 'downloading' : 'installing';
    await state.change({
      state: phase,
      target,
      available: target,
      checked,
      progress: 0,
      source: shown(found.source),
    });
    const fault = await install(tools, state, sysupdate, target);
    if (fault !== undefined) return await fail(tools, state, fault);
    const before = await beforeRestart(ask, target);
    await writeAtomically(beforeFile(places), `${JSON.stringify(before)}\n`, { mode: 0o644 });
    await state.change({ state: 'restarting', progress: 100, message: null });
    log(`version ${target} is installed, restarting; it has to show ${before.cameras.length} cameras again`);
    const { status, stderr } = await run(['systemctl', '--no-block', 'reboot']);
    if (status !== 0) await fail(tools, state, `The machine cannot be restarted: ${stderr.trim()}`);
  } finally {
    // Hundreds of megabytes that nobody needs any more.
    await rm(filesFolder(places), { recursive: true, force: true });
  }
}

async function install(
  { run }: Tools,
  state: StateFile,
  sysupdate: Sysupdate,
  target: string,
): Promise<string | undefined> {
  const details = await sysupdate.details(target);
  if (details?.installed && !details.incomplete) await removeBootEntry(target, run);
  let last = performance.now();
  let writing: Promise<void> = Promise.resolve();
  let lost: unknown;
  const fault = await sysupdate.install(target, (progress) => {
    const installing = progress === 'installing';
    if (!installing && performance.now() - last < PACE) return;
    if (installing && state.state.state === 'installing' && state.state.progress === 100) return;
    last = performance.now();
    writing = writing
      .then(() => state.change(installing ? { state: 'installing', progress: 100 } : { progress }))
      .catch((error: unknown) => {
        lost ??= error;
      });
  });
  await writing;
  return (
    fault ?? (lost === undefined ? undefined : `The state cannot be written: ${(lost as Error).message}`)
  );
}

/** A version, null where none is newer; with it what installs it. */
type Found =
  | { version: string | null; source: string; sysupdate: Sysupdate | undefined }
  | { problem: string };

async function search(
  tools: Tools,
  state: StateFile,
  given: string | undefined,
  how: 'look' | 'fetch',
): Promise<Found> {
  const { places, run, follow } = tools;
  const { version } = state.state;
  await state.change({ state: 'checking', message: null, progress: null, target: null });
  if ((await keyringOf(places.keyrings)) === undefined) return { problem: NO_KEY };
  const source = given ?? (await siteSource(places));
  if (source === undefined) return { problem: NO_SOURCE };
  const { definitions, run: runFolder, keyrings } = places;
  const common = { definitions, written: join(runFolder, 'definitions'), version };
  const folder = folderOf(source);
  if (folder === undefined) {
    const sysupdate = await Sysupdate.with({ ...common, source }, run, follow);
    // A version that the box left once is offered again only to those who ask for it.
    const newest = await sysupdate.newest(true);
    return 'problem' in newest ? newest : { version: newest.version, source, sysupdate };
  }
  const into = filesFolder(places);
  const handed = { from: folder, into, keyrings, definitions, version, run: runFolder };
  if (how === 'look') {
    const looked = await lookIn(handed, run);
    await rm(into, { recursive: true, force: true });
    if ('problem' in looked) return looked;
    return { version: 'offer' in looked ? looked.offer.version : null, source, sysupdate: undefined };
  }
  const brought =
    folder === stickFolder(places) ? await fromStick(tools, handed) : await bringIn(handed, run);
  if ('problem' in brought) return brought;
  if ('nothing' in brought) return { version: null, source, sysupdate: undefined };
  const sysupdate = await Sysupdate.with({ ...common, source: `file://${into}` }, run, follow);
  return { version: brought.offer.version, source, sysupdate };
}

/** walleye-update-stick.service has copied and checked it. Moved, so that another stick may be copied meanwhile. */
async function fromStick({ run }: Tools, handed: Parameters<typeof bringIn>[0]): Promise<BroughtIn> {
  await rm(handed.into, { recursive: true, force: true });
  try {
    await rename(handed.from, handed.into);
  } catch (error) {
    return {
      problem: `What the stick brought is not there any more (${(error as NodeJS.ErrnoException).code}).`,
    };
  }
  return broughtIn(handed, run);
}

async function fail(
  { log }: Tools,
  state: StateFile,
  message: string,
  more: { checked?: number; available?: null } = {},
): Promise<void> {
  log(message);
  await state.change({ state: 'failed', message, progress: null, target: null, ...more });
}

/** Folders of this machine are nothing to show. */
function shown(source: string): string | null {
  return folderOf(source) === undefined ? source : null;
}
