import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../atomicWrite.ts';
import type { RunCommand } from '../commands.ts';

/**
 * Takes a version that did not prove itself out of the boot menu, so that systemd-sysupdate installs its kernel anew, with
 * fresh tries; its partitions, which are verified at every read, stay.
 *
 * @returns whether there was one
 */
export async function removeBootEntry(version: string, run: RunCommand): Promise<boolean> {
  const { status, stdout } = await run(['bootctl', '--print-boot-path']);
  const boot = stdout.trim();
  if (status !== 0 || !boot.startsWith('/')) return false;
  const folder = join(boot, 'EFI/Linux');
  const names = (await readdir(folder).catch(() => [])).filter((name) => isEntryOf(name, version));
  for (const name of names) await rm(join(folder, name), { force: true });
  if (names.length > 0) await syncFolder(folder);
  return names.length > 0;
}

/** `walleye_2.0.efi`, with or without its counters, `+0-3`. Pure. */
export function isEntryOf(name: string, version: string): boolean {
  const [, found] = /^walleye_([^+]+)(?:\+\d+(?:-\d+)?)?\.efi$/.exec(name) ?? [];
  return found === version;
}
