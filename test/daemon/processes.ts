/** Which programs run under a process, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  /** The program's name as the kernel knows it: at most 15 bytes, without its path. */
  name: string;
  parent: number;
  /** Clock ticks from boot to its start: tells it from a later process with the same number. */
  started: string;
}

/** What runs under that number; undefined when it ended, also while its parent has not yet asked how (a zombie). */
function processOf(pid: number): RunningProcess | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may hold blanks and parentheses itself.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const name = stat.slice(stat.indexOf('(') + 1, end);
  return { pid, name, parent: Number(fields[1]), started: fields[19] ?? '' };
}

/** Everything that descends from `root`, without itself. */
export function descendants(root: number): RunningProcess[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid) => processOf(pid) ?? []);
  const found: RunningProcess[] = [];
  let parents = new Set([root]);
  while (parents.size > 0) {
    const children = all.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

/** The decoders of a daemon; their sandboxes are not counted. */
export function ffmpegsUnder(root: number): RunningProcess[] {
  return descendants(root).filter(({ name }) => name === 'ffmpeg');
}

/** Those that still run. */
export function survivors(processes: readonly RunningProcess[]): RunningProcess[] {
  return processes.filter(({ pid, started }) => processOf(pid)?.started === started);
}

/** Resident memory in megabytes (10⁶ bytes). */
export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
