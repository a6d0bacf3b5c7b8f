/** The site file of each box: read, its variables filled in, checked; all before any box is called. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Site } from '../../daemon/schema.ts';
import { decodeText } from '../../daemon/system/cli/provision/csv.ts';
import { faultLine, type NamedText, readSite } from '../../daemon/system/cli/provision/siteFile.ts';
import { UsageError } from './failure.ts';
import type { Host } from './hosts.ts';
import { readVars, substitute, substitutePlain, type VarsTable, varsOf } from './vars.ts';

export interface SiteOptions {
  config: string;
  cameras?: string;
  vars?: string;
}

/** @throws UsageError with everything that is wrong, of all boxes */
export function sitesOf(hosts: Host[], { config, cameras, vars }: SiteOptions): Map<Host, Site> {
  const file = named(config);
  const values = vars === undefined ? undefined : tableOf(named(vars));
  const sites = new Map<Host, Site>();
  const faults = new Set<string>();
  for (const host of hosts) {
    const filled = values ? fill(host, file, cameras, values) : { text: file.text, cameras, faults: [] };
    for (const fault of filled.faults) faults.add(`${host.label}: ${fault}`);
    if (filled.faults.length > 0) continue;
    const csv = filled.cameras === undefined ? undefined : named(filled.cameras);
    const read = readSite({ name: file.name, text: filled.text }, csv);
    if (read.ok) sites.set(host, read.site);
    else for (const fault of read.faults) faults.add(`${values ? `${host.label}: ` : ''}${faultLine(fault)}`);
  }
  if (faults.size === 0) return sites;
  throw new UsageError(`nothing was done, this is wrong:\n${[...faults].join('\n')}`);
}

function fill(host: Host, file: NamedText, cameras: string | undefined, table: VarsTable) {
  const vars = varsOf(host, table);
  if (!vars) return { text: '', cameras, faults: ['has no line in the table of --vars'] };
  const { text, missing } = substitute(file.text, vars);
  const csv = substitutePlain(cameras ?? '', vars);
  const faults = [...missing, ...csv.missing].map(
    (name) => `\${${name}} is no column of the table of --vars`,
  );
  return { text, cameras: cameras === undefined ? undefined : csv.text, faults };
}

function tableOf({ name, text }: NamedText): VarsTable {
  const read = readVars(text);
  if ('table' in read) return read.table;
  throw new UsageError(read.faults.map((fault) => `${name}: ${fault}`).join('\n'));
}

/** `-` is standard input. @throws UsageError */
export function named(file: string): NamedText {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const text = decodeText(bytes);
  if (text === undefined) throw new UsageError(`${file} is not UTF-8. Save it anew as “CSV UTF-8” or UTF-8.`);
  return { name: file === '-' ? 'standard input' : basename(file), text };
}
