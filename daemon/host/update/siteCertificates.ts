import { readdir, readFile } from 'node:fs/promises';
import { writeAtomically } from '../atomicWrite.ts';
import { REBUILD_BUNDLE } from '../certificates.ts';
import type { Tools } from './tools.ts';

/**
 * The bundle with the site's certificates lies in the box's own layer of /etc, and hides the image's. Each version brings
 * other ones, so at the first start of a version it is made anew; going back is no other thing.
 */
export async function renewCertificates(
  { places, run, log }: Pick<Tools, 'places' | 'run' | 'log'>,
  version: string,
): Promise<void> {
  const { folder, builtFor } = places.certificates;
  if ((await readdir(folder).catch(() => [])).length === 0) return;
  if ((await readFile(builtFor, 'utf8').catch(() => '')).trim() === version) return;
  const { status, stderr } = await run(REBUILD_BUNDLE);
  if (status !== 0) {
    log(`the certificates could not be put together: ${stderr.trim().split('\n')[0]}`);
    return;
  }
  await writeAtomically(builtFor, `${version}\n`, { mode: 0o644 });
  log(`the site’s certificates are beside those of version ${version}`);
}
