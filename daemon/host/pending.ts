import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeAtomically } from './atomicWrite.ts';
import type { SourceName } from './sources.ts';

/** What the daemon has still to be told: it runs later than root's part, and a power cut may come in between. */
export interface Pending {
  folder: string;
  site: string;
  /** Undefined: no list of cameras came with it. */
  cameras: string | undefined;
}

const ORDER: SourceName[] = ['credential', 'esp', 'stick'];
const EMPTY_SITE = '{ "walleye_site": 1 }\n';

/** Keeps the files until the daemon has been told; only root reads them, they hold passwords. */
export async function keep(
  folder: string,
  source: SourceName,
  site: string | undefined,
  cameras: string | undefined,
): Promise<void> {
  const place = join(folder, `${ORDER.indexOf(source) + 1}-${source}`);
  const beside = join(folder, '.new');
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true, mode: 0o700 });
  await writeAtomically(join(beside, 'site.json'), site ?? EMPTY_SITE, { mode: 0o600 });
  if (cameras !== undefined) await writeAtomically(join(beside, 'cameras.csv'), cameras, { mode: 0o600 });
  await rm(place, { recursive: true, force: true });
  await rename(beside, place);
  await syncFolder(folder);
}

/** In the order in which to hand it over; `[]`: nothing waits. */
export async function waiting(folder: string): Promise<Pending[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => /^[0-9]-[a-z]+$/.test(name)).sort();
  return Promise.all(
    found.map(async (name) => {
      const place = join(folder, name);
      const cameras = join(place, 'cameras.csv');
      const there = await stat(cameras).catch(() => undefined);
      return { folder: place, site: join(place, 'site.json'), cameras: there && cameras };
    }),
  );
}

export async function done(pending: Pending): Promise<void> {
  await rm(pending.folder, { recursive: true, force: true });
}
