import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { applyHost, checkHost, restartsFor } from './applyHost.ts';
import { changeLine, type HostChange, type HostFile } from './hostFile.ts';
import { judgeSource } from './judgeSource.ts';
import { SITE_NETWORK_FILES } from './networkdFile.ts';
import { NETWORK_FOLDER } from './networkFiles.ts';
import { keep } from './pending.ts';
import type { SourceFiles, SourceName } from './sources.ts';
import { writeFiles } from './writeFiles.ts';

export type Applied =
  | { taken: false; problems: string[] }
  | { taken: true; applied: string[]; problems: string[]; commands: (booting: boolean) => string[][] };

/**
 * Applies what lies in a source to the machine and keeps the rest for the daemon; or says what is wrong, and touches nothing.
 *
 * @throws HostError `unwritable`
 */
export async function applySource(
  found: SourceFiles,
  name: SourceName,
  { root, pending }: { root: string; pending: string },
): Promise<Applied> {
  const judged = judgeSource(found);
  if ('problems' in judged) return { taken: false, problems: judged.problems };
  const { host, network, site, cameras } = judged.wanted;
  const faults = await checkHost(host, root);
  if (faults.length > 0) {
    return { taken: false, problems: faults.map(({ field, message }) => `host.${field}: ${message}`) };
  }
  const changes: HostChange[] = await applyHost(host, { root });
  if (network)
    changes.push(...(await writeFiles([...network, ...(await staleNetwork(network, root))], { root })));
  if (site !== undefined || cameras !== undefined) await keep(pending, name, site, cameras);
  return {
    taken: true,
    applied: changes.map(changeLine),
    problems: [],
    commands: (booting) => restartsFor(changes, { booting }),
  };
}

/** A source that brings networkd's files brings all of them. */
async function staleNetwork(files: readonly HostFile[], root: string): Promise<HostFile[]> {
  const names = await readdir(join(root, NETWORK_FOLDER)).catch(() => []);
  const wanted = new Set(files.map((file) => file.path));
  return names
    .filter((name) => SITE_NETWORK_FILES.test(name) && !wanted.has(`${NETWORK_FOLDER}/${name}`))
    .map((name) => ({ path: `${NETWORK_FOLDER}/${name}`, content: null, mode: 0, concerns: 'network' }));
}
