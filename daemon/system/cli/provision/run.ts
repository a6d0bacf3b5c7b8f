/** `walleye provision` at work: reads, plans, carries out, reports. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Site } from '../../../schema.ts';
import { CliError } from '../client.ts';
import type { Context } from '../context.ts';
import { type Applied, applySteps } from './apply.ts';
import { readBox } from './box.ts';
import { decodeText } from './csv.ts';
import { applyHostPart, hostFaults, requireRoot } from './hostPart.ts';
import { makePlan } from './plan.ts';
import { faultLine, type NamedText, readSite } from './siteFile.ts';
import { type Change, changeLine } from './steps.ts';

export interface ProvisionOptions {
  cameras?: string;
  dryRun?: true;
  /** Undefined: neither --host nor --no-host. */
  host?: boolean;
  setPasswords?: true;
}

/** @throws CliError 1 when something was refused, 2 when the file is wrong, 3 without a daemon */
export async function provision(file: string, options: ProvisionOptions, context: Context): Promise<void> {
  const dryRun = options.dryRun === true;
  const hostWanted = options.host === true;
  const { site, host } = await read(file, options.cameras, hostWanted, context);
  if (host && !dryRun) requireRoot();
  const plan = makePlan(site, await readBox(context.client, site), options.setPasswords === true);
  // Typing errors of the file, that only the box could tell.
  const wrong = plan.problems.filter(({ where }) => /^(layout|wall)/.test(where));
  if (wrong.length > 0)
    refuse(
      wrong.map(({ where, message }) => ({ pointer: null, text: `${where} ${message}` })),
      context,
    );

  const tell = (change: Change) => {
    if (!context.json) context.print(changeLine(change));
  };
  const machine = host ? await applyHostPart(host, dryRun) : undefined;
  for (const change of machine?.changes ?? []) tell(change);
  const rest = dryRun
    ? planned(plan.steps, tell)
    : await applySteps(context.client, plan.steps, tell).catch(async (error: unknown) => {
        // The next run finds the machine's files as they shall be, and would restart nothing.
        for (const part of ['others', 'network'] as const) await machine?.restart(part);
        throw error;
      });
  const changes = [...(machine?.changes ?? []), ...rest.changes];
  const restarts = (await machine?.restart('others')) ?? [];
  const problems = [...(machine?.problems ?? []), ...plan.problems, ...rest.problems, ...restarts];
  const notes = [...plan.notes];
  if (site.host && options.host === undefined)
    notes.push('The machine itself was left alone: --host changes it too.');

  // Before the network changes: whoever asked over it may hear no more.
  context.show({ dry_run: dryRun, changes, problems, notes }, () =>
    [...notes, counted(changes.length, dryRun)].join('\n'),
  );
  problems.push(...((await machine?.restart('network')) ?? []));
  if (problems.length === 0) return;
  const lines = problems.map(({ where, message }) => `${where}: ${message}`);
  throw new CliError(1, 'partly_failed', `could not do all of it:\n${lines.join('\n')}`);
}

function planned(steps: Change[], tell: (change: Change) => void): Applied {
  const changes = steps.map(({ what, name, change, fields }) => ({ what, name, change, fields }));
  for (const change of changes) tell(change);
  return { changes, problems: [] };
}

function counted(changes: number, dryRun: boolean): string {
  if (changes === 0) return 'nothing to change';
  return `${changes} change${changes === 1 ? '' : 's'}${dryRun ? ' to make, none made' : ''}`;
}

async function read(
  file: string,
  table: string | undefined,
  hostWanted: boolean,
  context: Context,
): Promise<{ site: Site; host: Site['host'] }> {
  const main = await text(file);
  const result = readSite(main, table === undefined ? undefined : await text(table));
  const faults = result.ok ? [] : result.faults;
  const host = result.ok && hostWanted ? result.site.host : undefined;
  if (host)
    for (const fault of await hostFaults(host)) faults.push({ file: main.name, line: null, ...fault });
  if (result.ok && faults.length === 0) return { site: result.site, host };
  return refuse(
    faults.map((fault) => ({ ...fault, text: faultLine(fault) })),
    context,
  );
}

function refuse(faults: { text: string; pointer: string | null }[], context: Context): never {
  if (context.json) context.print(JSON.stringify({ changes: [], problems: [], faults }, null, 2));
  const count = faults.length === 1 ? 'One thing is' : `${faults.length} things are`;
  const message = `${count} wrong, nothing was changed:\n${faults.map((fault) => fault.text).join('\n')}`;
  throw new CliError(2, 'invalid_site', message);
}

async function text(file: string): Promise<NamedText> {
  const name = file === '-' ? 'standard input' : basename(file);
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((cause: Error) => {
    throw new CliError(2, 'unreadable', `${file} cannot be read: ${cause.message}`, { cause });
  });
  const decoded = decodeText(bytes);
  if (decoded !== undefined) return { name, text: decoded };
  const message = `${file} is not UTF-8. Save it anew as “CSV UTF-8” or with the encoding UTF-8.`;
  throw new CliError(2, 'not_utf8', message);
}
