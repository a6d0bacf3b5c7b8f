import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../atomicWrite.ts';
import { readReport, writeReport } from '../report.ts';
import { mountStick } from '../stick.ts';
import { bringIn, lookIn } from './bringIn.ts';
import { leftFile, stickFolder } from './places.ts';
import type { Tools } from './tools.ts';

export interface StickOptions {
  /** The device, and where it is mounted meanwhile. */
  device: string;
  mountAt: string;
  /** What the screen tells of sticks. */
  report: string;
  /** That runs. */
  version: string;
}

/**
 * Takes an update from the folder `update/` of a stick: copies and checks it, and orders it to be installed.
 *
 * @returns the version that is ordered; undefined: there is nothing, or nothing new
 */
export async function stickUpdate(tools: Tools, options: StickOptions): Promise<string | undefined> {
  const { places, run, log } = tools;
  const mounted = await mountStick(options.device, options.mountAt, run);
  // What cannot be mounted is told by provisioning, which tries the same.
  if (!mounted || 'problem' in mounted) return undefined;
  const into = stickFolder(places);
  let ordered = false;
  try {
    const from = join(options.mountAt, 'update');
    if (!(await stat(join(from, 'SHA256SUMS')).catch(() => undefined))) return undefined;
    const { keyrings, definitions, run: runFolder } = places;
    const handed = { from, into, keyrings, definitions, version: options.version, run: runFolder };
    const looked = await lookIn(handed, run);
    if ('offer' in looked) {
      const { version } = looked.offer;
      if ((await readFile(leftFile(places), 'utf8').catch(() => '')).trim() === version) {
        log(`version ${version} of the stick was left once: it is not taken again by itself`);
        return undefined;
      }
      await tell(options.report, { applied: `Update: version ${version} is being copied from the stick` });
    }
    const brought = 'offer' in looked ? await bringIn(handed, run) : looked;
    if ('problem' in brought) {
      log(brought.problem);
      await tell(options.report, { problem: `update: ${brought.problem}` });
      return undefined;
    }
    if ('nothing' in brought) {
      log(`nothing on the stick is newer than ${options.version}`);
      return undefined;
    }
    await mkdir(places.orders.root, { recursive: true, mode: 0o700 });
    const order = join(places.orders.root, 'update-start.json');
    await writeAtomically(order, `${JSON.stringify({ source: `file://${into}` })}\n`, { mode: 0o600 });
    ordered = true;
    return brought.offer.version;
  } finally {
    await run(['umount', '--', options.mountAt]);
    if (!ordered) await rm(into, { recursive: true, force: true });
  }
}

async function tell(
  path: string,
  { applied, problem }: { applied?: string; problem?: string },
): Promise<void> {
  const before = await readReport(path);
  const base = before ?? { source: 'stick', at: new Date().toISOString(), applied: [], problems: [] };
  await writeReport(path, {
    ...base,
    applied: [...base.applied, ...(applied === undefined ? [] : [applied])],
    problems: [...base.problems, ...(problem === undefined ? [] : [problem])],
  });
}
