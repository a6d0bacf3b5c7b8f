import { mkdir, stat } from 'node:fs/promises';
import type { RunCommand } from './commands.ts';
import { readFolder, type SourceFiles } from './sources.ts';

/** What people format sticks with, and what an image of one is. Others are not tried: each is kernel code that reads a stranger's bytes. */
const TYPES = 'vfat,exfat,ext4,iso9660';
const FLAGS = 'ro,nosuid,nodev,noexec,nosymfollow';

/**
 * Mounts the stick, for a unit that has a mount namespace of its own, so that nobody else sees it. Whoever called umounts it.
 *
 * @returns undefined: there is none
 */
export async function mountStick(
  device: string,
  mountAt: string,
  run: RunCommand,
): Promise<{ mounted: true } | { problem: string } | undefined> {
  if (!(await stat(device).catch(() => undefined))) return undefined;
  await mkdir(mountAt, { recursive: true, mode: 0o755 });
  const mounted = await run(['mount', '-t', TYPES, '-o', FLAGS, '--', device, mountAt]);
  if (mounted.status === 0) return { mounted: true };
  const why = mounted.stderr.trim().split('\n')[0];
  return { problem: `the stick WALLEYE cannot be read (FAT, exFAT, ext4 or ISO 9660 can): ${why}` };
}

/** Mounts the stick, reads it, lets go of it. */
export async function readStick(device: string, mountAt: string, run: RunCommand): Promise<SourceFiles> {
  const none: SourceFiles = { files: new Map(), problems: [] };
  const mounted = await mountStick(device, mountAt, run);
  if (!mounted) return none;
  if ('problem' in mounted) return { ...none, problems: [mounted.problem] };
  try {
    return await readFolder(mountAt);
  } finally {
    await run(['umount', '--', mountAt]);
  }
}
