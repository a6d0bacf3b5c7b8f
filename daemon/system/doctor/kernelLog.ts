/** What the kernel has complained of since it was started. Pure and total. */

export interface Complaint {
  readonly count: number;
  /** The last such line. */
  readonly last: string;
}

/** Kind → the lines that tell of it. Each happening is counted by one line of several that the kernel writes. */
const KINDS = {
  /** mm/oom_kill.c; one of a control group begins “Memory cgroup out of memory”. */
  oom: /out of memory: Killed process/i,
  /** drivers/gpu/drm/i915/i915_gpu_error.c; amdgpu's ring timeout. */
  gpuHang: /GPU HANG: ecode|\bring \S+ timeout, signaled seq/i,
  /** fs/ext4/super.c. */
  fileSystem:
    /EXT4-fs error|EXT4-fs \(\S+\): Remounting filesystem read-only|erofs: \(device [^)]+\): .*error/i,
  /** block/blk-core.c, drivers/mmc, drivers/nvme. */
  disk: /I\/O error, dev (?!loop|sr\d|fd\d)|mmc\d+: (?:Timeout waiting for|.*error -\d+ )|nvme\S* .*(?:timeout, aborting|controller is down)|failed command: (?:READ|WRITE)/i,
  /** drivers/md/dm-verity-target.c: what was signed is not what lies there. */
  verity: /device-mapper: verity: .* is corrupted/i,
  /** arch/x86/kernel/cpu/mce/therm_throt.c. */
  hot: /temperature (?:is )?above threshold.*throttled|critical temperature reached/i,
  /** kernel/hung_task.c */
  hung: /blocked for more than \d+ seconds/i,
  /** Those of programs (`traps: perl[1] general protection fault`) are theirs. */
  crash:
    /\b(?:BUG: (?!sleeping function)|Oops:|kernel panic|soft lockup)|general protection fault.*\[#\d+\]/i,
  machineCheck: /\[Hardware Error\]: (?:Machine check|CPU \d+)|mce: \[Hardware Error\]/i,
  usbPower: /over-?current (?:condition|change)/i,
} as const;
export type ComplaintKind = keyof typeof KINDS;

/** Only kinds that occur are in the answer. */
export function complaintsOf(text: string): Partial<Record<ComplaintKind, Complaint>> {
  const found: Partial<Record<ComplaintKind, Complaint>> = {};
  for (const row of text.split('\n')) {
    // Long lines are lists of registers, and none of these begins behind them.
    const line = row.slice(0, 500);
    for (const kind of Object.keys(KINDS) as ComplaintKind[]) {
      if (!KINDS[kind].test(line)) continue;
      found[kind] = {
        count: (found[kind]?.count ?? 0) + 1,
        last: line.replace(/^\[\s*\d+\.\d+\]\s*/, '').trim(),
      };
    }
  }
  return found;
}

/** Bits of /proc/sys/kernel/tainted (Documentation/admin-guide/tainted-kernels.rst) that say something of a sick machine. */
const TAINTS: readonly [bit: number, words: string][] = [
  [0, 'a proprietary module'],
  [2, 'a processor out of its specification'],
  [4, 'a machine check (a hardware fault)'],
  [5, 'a damaged memory page'],
  [7, 'a crash (Oops)'],
  [9, 'a warning'],
  [11, 'a firmware fault was worked round'],
  [12, 'a module from outside the kernel'],
  [13, 'an unsigned module'],
  [14, 'a soft lockup'],
];
/** After these the kernel is not to be trusted. */
const GRAVE = new Set([4, 5, 7, 14]);

export interface Taint {
  readonly words: readonly string[];
  readonly grave: boolean;
}

export function taintOf(mask: number): Taint {
  // A mask may have more than 31 bits: no `>>`.
  const set = (bit: number) => Math.floor(mask / 2 ** bit) % 2 === 1;
  const known = TAINTS.filter(([bit]) => set(bit));
  const words = known.map(([, text]) => text);
  const rest = mask - known.reduce((sum, [bit]) => sum + 2 ** bit, 0);
  return {
    words: rest > 0 ? [...words, `other (${rest})`] : words,
    grave: known.some(([bit]) => GRAVE.has(bit)),
  };
}
