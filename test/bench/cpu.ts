import { readdirSync, readFileSync } from 'node:fs';

/** CLK_TCK: fixed at 100 on Linux for user space. */
const TICKS_PER_SECOND = 100;

interface Stat {
  parent: number;
  /** User and system time so far, ticks. */
  ticks: number;
  /** Of children that have ended and whom it has asked how. */
  endedTicks: number;
  /** Resident set, pages. */
  pages: number;
}

function readStat(pid: number): Stat | undefined {
  try {
    // The command name stands in parentheses and may hold blanks: fields are counted behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return {
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      endedTicks: Number(fields[13]) + Number(fields[14]),
      pages: Number(fields[21]),
    };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** The process and all that descend from it. */
export function tree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat) parents.set(pid, stat.parent);
  }
  const members = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents)
      if (!members.has(pid) && members.has(parent)) {
        members.add(pid);
        grown = true;
      }
  }
  return [...members];
}

/** Seconds of CPU that these processes have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readStat(pid)?.ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** Seconds of CPU of a process and all that descend from it, with those of them that ended meanwhile. */
export function treeSeconds(root: number): number {
  const stats = tree(root).map(readStat);
  return stats.reduce((sum, stat) => sum + (stat ? stat.ticks + stat.endedTicks : 0), 0) / TICKS_PER_SECOND;
}

/** Cores that each of the trees used while `doing` went on. @param roots process ids */
export async function coresOf(roots: readonly number[], doing: () => Promise<unknown>): Promise<number[]> {
  const before = roots.map(treeSeconds);
  const begun = performance.now();
  await doing();
  const seconds = (performance.now() - begun) / 1000;
  return roots.map((root, i) => (treeSeconds(root) - before[i]!) / seconds);
}

/** Resident megabytes of one process. */
export function residentMegabytes(pid: number): number {
  return ((readStat(pid)?.pages ?? 0) * 4096) / 1e6;
}
