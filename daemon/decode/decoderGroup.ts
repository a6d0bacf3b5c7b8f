import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In the unit's control group namespace this is the unit's own group, of the daemon and its decoders together. */
const ROOT = '/sys/fs/cgroup';
/** The kernel shares out a group's means among groups only: processes beside them are not allowed. So the daemon has one too. */
const OURS = 'daemon';
const DECODERS = 'decoders';
const MIB = 2 ** 20;

/** For all decoders together. Bytes; undefined: as the unit's own limit says. */
export interface DecoderGroupLimits {
  readonly memoryHigh: number | undefined;
  readonly memoryMax: number | undefined;
  readonly tasksMax: number | undefined;
}

/** The limits of the daemon and its decoders together: `memory.high`, `memory.max` and `pids.max`. */
export type UnitLimits = DecoderGroupLimits;

/** Half of the daemon's: pictures that are decoded but not sent help nobody. */
const CPU_WEIGHT = 50;
/** Threads that the daemon and its short-lived helpers have in any case. */
const DAEMON_TASKS = 256;

/**
 * What is left for the decoders when the daemon has what it needs. It was seen with 270 to 480 MB in normal work: it gets a quarter of
 * the unit's memory, at least 320 and at most 640 MiB. When memory runs out the decoders slow down, then one of them is killed and
 * comes back, and the daemon goes on.
 *
 * @param wanted bytes that somebody set as the decoders' most; undefined: derived
 */
export function decoderLimits(unit: UnitLimits, wanted?: number): DecoderGroupLimits {
  const most = unit.memoryMax ?? unit.memoryHigh;
  const reserve = most === undefined ? 0 : Math.min(Math.max(most / 4, 320 * MIB), 640 * MIB);
  const left = (limit: number | undefined) =>
    limit === undefined ? undefined : Math.floor(Math.max(limit - reserve, limit / 4));
  const memoryMax = wanted ?? left(unit.memoryMax);
  const slower = [left(unit.memoryHigh), memoryMax && Math.floor(memoryMax * 0.9)].filter(
    (value) => value !== undefined,
  );
  return {
    memoryMax,
    memoryHigh: slower.length === 0 ? undefined : Math.min(...slower),
    tasksMax: unit.tasksMax && Math.max(unit.tasksMax - DAEMON_TASKS, Math.floor(unit.tasksMax / 2)),
  };
}

export interface DecoderGroupOptions {
  /** Bytes for all decoders together; undefined: what the unit's limits leave. */
  readonly memoryMax?: number;
  /** Instead of the machine's, for tests. */
  readonly root?: string;
  readonly self?: string;
  readonly user?: number;
}

export interface MadeDecoderGroup {
  /** The file that a process enters the group by; undefined: there is no group. */
  readonly procs?: string;
  readonly limits?: DecoderGroupLimits;
  /** The unit gave us groups to make, and it does not work: for the log. */
  readonly problem?: string;
}

/**
 * Makes the control group that the decoders have to enter, with limits below the unit's, and one beside it that the daemon enters.
 * To be called at the start, before there are children.
 *
 * Only where the unit says `Delegate=` and `ProtectControlGroups=private` (systemd 257): then this process is in a namespace whose
 * topmost group is the unit's and belongs to the unit's user. At a desk, in a container and for root nothing is touched.
 * (`DelegateSubgroup=daemon` would save moving the daemon, but then the namespace begins there, and there is nothing beside it.)
 *
 * The OOM killer takes one process of the group, not all (memory.oom.group is 0 unless somebody writes it), and the unit's
 * OOMPolicy=continue leaves the rest alone.
 */
export async function makeDecoderGroup(options: DecoderGroupOptions = {}): Promise<MadeDecoderGroup> {
  const root = options.root ?? ROOT;
  if (!(await isDelegated(options))) return {};
  const group = join(root, DECODERS);
  try {
    await moveIn(root, join(root, OURS));
    const has = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ');
    const wanted = ['cpu', 'memory', 'pids'].filter((controller) => has.includes(controller));
    await writeFile(join(root, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
    await mkdir(group, { recursive: true });
    const unit = {
      memoryHigh: await readLimit(join(root, 'memory.high')),
      memoryMax: await readLimit(join(root, 'memory.max')),
      tasksMax: await readLimit(join(root, 'pids.max')),
    };
    const limits = decoderLimits(unit, options.memoryMax);
    const values: [string, string, number | undefined][] = [
      ['memory', 'memory.max', limits.memoryMax],
      ['memory', 'memory.high', limits.memoryHigh],
      ['pids', 'pids.max', limits.tasksMax],
      ['cpu', 'cpu.weight', CPU_WEIGHT],
    ];
    for (const [controller, file, value] of values) {
      if (wanted.includes(controller)) await writeFile(join(group, file), String(value ?? 'max'));
    }
    return { procs: join(group, 'cgroup.procs'), limits };
  } catch (error) {
    return { problem: `the decoders share the daemon’s limits: ${(error as Error).message}` };
  }
}

/** What the decoders use together. `oomKills`: since the group was made, which is when the unit was started. */
export interface DecoderGroupUse {
  /** Bytes. */
  readonly memory: number;
  readonly memoryMax: number | undefined;
  readonly tasks: number;
  readonly oomKills: number;
}

/** undefined: there is no such group. */
export async function decoderGroupUse(
  options: Omit<DecoderGroupOptions, 'memoryMax'> = {},
): Promise<DecoderGroupUse | undefined> {
  if (!(await isDelegated(options))) return undefined;
  const group = join(options.root ?? ROOT, DECODERS);
  const memory = await readLimit(join(group, 'memory.current'));
  const tasks = await readLimit(join(group, 'pids.current'));
  if (memory === undefined || tasks === undefined) return undefined;
  const events = await readFile(join(group, 'memory.events'), 'utf8').catch(() => '');
  return {
    memory,
    memoryMax: await readLimit(join(group, 'memory.max')),
    tasks,
    oomKills: Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0),
  };
}

/** Root owns every group anywhere, so owning one says nothing then. */
async function isDelegated(options: DecoderGroupOptions): Promise<boolean> {
  const { root = ROOT, self = '/proc/self/cgroup', user = process.getuid?.() ?? 0 } = options;
  const groups = (await readFile(self, 'utf8').catch(() => '')).split('\n');
  if (user === 0 || !(groups.includes('0::/') || groups.includes(`0::/${OURS}`))) return false;
  const owner = await stat(join(root, 'cgroup.procs')).catch(() => undefined);
  return owner?.uid === user;
}

/** Whatever of the unit runs: the daemon, and a systemd-notify that is on its way. */
async function moveIn(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const pids = (await readFile(join(from, 'cgroup.procs'), 'utf8')).split('\n').filter((pid) => pid !== '');
  for (const pid of pids) {
    await writeFile(join(to, 'cgroup.procs'), pid).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ESRCH') throw error;
    });
  }
}

/** undefined for `max`, and where there is no such file. */
async function readLimit(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
