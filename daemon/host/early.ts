import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fingerprint, readApplied, remember } from './applied.ts';
import { syncFolder } from './atomicWrite.ts';
import type { CommandResult, RunCommand } from './commands.ts';
import { type ProvisionReport, writeReport } from './report.ts';
import { readCredentials, readFolder, type SourceFiles, type SourceName } from './sources.ts';
import { readStick } from './stick.ts';

export interface EarlyOptions {
  /** The machine's root; another one in tests. */
  root: string;
  /** systemd's $CREDENTIALS_DIRECTORY; undefined or missing: none. */
  credentials?: string | undefined;
  /** Folders that may be the ESP's. */
  esp: readonly string[];
  /** The device of the stick, and where it is mounted meanwhile. */
  stick: string;
  mountAt: string;
  /** Absolute, as it is (not below root): what was applied, what waits for the daemon. */
  state: string;
  report: string;
  /** The machine runs already: services are told what changed. Else they start after us. */
  running: boolean;
}

interface Source {
  name: SourceName;
  read: () => Promise<SourceFiles>;
  /** Makes sure that it is not found again. */
  consume?: (hash: string) => Promise<void>;
}

/**
 * Root's part of provisioning: looks into every source, takes what is new there, in order, and reports. Never throws
 * for what lies in a source, nor for a file that cannot be written: a box that does not start helps nobody.
 *
 * @returns what was reported; undefined: there was nothing new
 */
export async function early(options: EarlyOptions, run: RunCommand): Promise<ProvisionReport | undefined> {
  const applied: string[] = [];
  const problems: string[] = [];
  const taken: SourceName[] = [];
  for (const source of sourcesOf(options, run)) {
    try {
      const result = await takeSource(source, options, run);
      if (!result) continue;
      taken.push(source.name);
      applied.push(...result.applied);
      problems.push(...result.problems.map((problem) => `${source.name}: ${problem}`));
    } catch (error) {
      taken.push(source.name);
      problems.push(`${source.name}: ${(error as Error).message}`);
    }
  }
  if (taken.length === 0) return undefined;
  const report = { source: taken.join(', '), at: new Date().toISOString(), applied, problems };
  await writeReport(options.report, report);
  return report;
}

function sourcesOf({ credentials, esp, stick, mountAt }: EarlyOptions, run: RunCommand): Source[] {
  const none = { files: new Map<string, Buffer>(), problems: [] };
  return [
    { name: 'credential', read: async () => (credentials ? readCredentials(credentials) : none) },
    ...esp.map((mount): Source => {
      const folder = join(mount, 'walleye');
      return { name: 'esp', read: () => readFolder(folder), consume: (hash) => setAside(folder, hash) };
    }),
    { name: 'stick', read: () => readStick(stick, mountAt, run) },
  ];
}

interface Result {
  applied: string[];
  problems: string[];
}

async function takeSource(
  { name, read, consume }: Source,
  { root, state, running }: EarlyOptions,
  run: RunCommand,
): Promise<Result | undefined> {
  const found = await read();
  if (found.files.size === 0 && found.problems.length === 0) return undefined;
  const hash = fingerprint(found.files);
  const list = join(state, 'applied.json');
  if (found.problems.length === 0 && (await readApplied(list)).some(({ sha256 }) => sha256 === hash)) {
    // A power cut may have come before.
    await consume?.(hash);
    return undefined;
  }
  // Only now: the schema takes long to load, and at most boots there is nothing.
  const { applySource } = await import('./applySource.ts');
  const result = await applySource(found, name, { root, pending: join(state, 'pending') });
  if (!result.taken) return { applied: [], problems: result.problems };
  const problems = [...result.problems];
  for (const argv of result.commands(!running)) {
    const outcome = await run(argv);
    if (outcome.status !== 0) problems.push(failed(argv, outcome));
  }
  await remember(list, { sha256: hash, source: name, at: new Date().toISOString() });
  await consume?.(hash);
  return { applied: result.applied, problems };
}

function failed(argv: readonly string[], { status, stderr }: CommandResult): string {
  return `${argv.join(' ')} failed (${status}): ${stderr.trim().split('\n')[0]}`;
}

/** The ESP is writable to whoever wrote it: renamed, so that one can see that it was taken. */
async function setAside(folder: string, hash: string): Promise<void> {
  if (!(await lstat(folder).catch(() => undefined))) return;
  const aside = join(dirname(folder), `${basename(folder)}.done-${hash.slice(0, 12)}`);
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
  await syncFolder(dirname(folder));
}
