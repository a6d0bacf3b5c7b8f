import { mkdir, stat } from 'node:fs/promises';
import type { RunCommand } from './commands.ts';
import { readFolder, type SourceFiles } from './sources.ts';

/** What people format sticks with, and what an image of one is. Others are not tried: each is kernel code that reads a stranger's bytes. */
const TYPES = 'vfat,exfat,ext4,iso9660';
const FLAGS = 'ro,nosuid,nodev,noexec,nosymfollow';

/** Mounts the stick, reads it, lets go of it. The unit has a mount namespace of its own, so nobody else sees it. */
export async function readStick(device: string, mountAt: string, run: RunCommand): Promise<SourceFiles> {
  const none: SourceFiles = { files: new Map(), problems: [] };
  if (!(await stat(device).catch(() => undefined))) return none;
  await mkdir(mountAt, { recursive: true, mode: 0o755 });
  const mounted = await run(['mount', '-t', TYPES, '-o', FLAGS, '--', device, mountAt]);
  if (mounted.status !== 0) {
    const why = mounted.stderr.trim().split('\n')[0];
    return {
      ...none,
      problems: [`the stick WALLEYE cannot be read (FAT, exFAT, ext4 or ISO 9660 can): ${why}`],
    };
  }
  try {
    return await readFolder(mountAt);
  } finally {
    await run(['umount', '--', mountAt]);
  }
}
