/** The machine beneath Walleye, which root changes by daemon/host/. */

import { applyHost, checkHost, restartsFor } from '../../../host/applyHost.ts';
import { runCommand } from '../../../host/commands.ts';
import { HostError } from '../../../host/hostFile.ts';
import type { SiteHost } from '../../../schema.ts';
import { CliError } from '../client.ts';
import type { Applied } from './apply.ts';
import type { Problem } from './steps.ts';

export interface HostApplied extends Applied {
  /** Makes the changes take effect; the network's last, as that may cut off whoever asked for it. */
  restart(part: 'network' | 'others'): Promise<Problem[]>;
}

/** What the schema cannot say of it, by JSON pointer. */
export async function hostFaults(host: SiteHost): Promise<{ pointer: string; message: string }[]> {
  return (await checkHost(host)).map(({ field, message }) => ({ pointer: pointerOf(field), message }));
}

/** `network[0].gateway` → `/host/network/0/gateway` */
function pointerOf(field: string): string {
  return `/host/${field.replaceAll(/\[(\d+)\]/g, '/$1').replaceAll('.', '/')}`;
}

/** Writes the files that differ; a failure is a problem among others, so that cameras and layouts are set all the same. */
export async function applyHostPart(host: SiteHost, dryRun: boolean): Promise<HostApplied> {
  try {
    const changed = await applyHost(host, { dryRun });
    const commands = dryRun ? [] : restartsFor(changed);
    return {
      changes: changed.map(({ path, how }) => ({ what: 'host', name: path, change: how, fields: [] })),
      problems: [],
      restart: async (part) => {
        const problems: Problem[] = [];
        const isNetwork = ([program]: string[]) => program === 'networkctl';
        for (const command of commands.filter((one) => isNetwork(one) === (part === 'network'))) {
          const { status, stderr } = await runCommand(command);
          const message = `${command.join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`;
          if (status !== 0) problems.push({ where: 'host', message });
        }
        return problems;
      },
    };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const problems = error.problems.map(({ field, message }) => ({ where: `host ${field}`, message }));
    return { changes: [], problems, restart: async () => [] };
  }
}

/** @throws CliError 2 */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new CliError(2, 'not_root', 'Only root may change the machine: run it as root, or with --no-host.');
}
