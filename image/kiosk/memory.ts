/** How much memory a browser has, and how much it may have. Pure. */

/** One process, of /proc/<pid>/status. */
export interface Process {
  pid: number;
  parent: number;
  /** Bytes of its own: without the program's file, which all of them share. */
  bytes: number;
}

/** Total: a process that is gone, or a kernel that says other things, is undefined. */
export function readProcess(pid: number, status: string): Process | undefined {
  const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  if (parent === undefined) return undefined;
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return { pid, parent: Number(parent), bytes: (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024 };
}

/** Of a process and all its descendants. */
export function treeBytes(root: number, processes: readonly Process[]): number {
  const members = new Set([root]);
  // A parent may stand behind its child in the list.
  for (let before = -1; members.size !== before; ) {
    before = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  return processes.reduce((sum, { pid, bytes }) => (members.has(pid) ? sum + bytes : sum), 0);
}

const MOST = 1.2e9;
const MOST_OF_ALL = 0.4;

/** Bytes that each of so many browsers may have: 1.2 GB, and 40 % of the machine's memory all together. */
export const memoryBound = (total: number, browsers: number): number =>
  Math.min(MOST, (total * MOST_OF_ALL) / Math.max(1, browsers));
