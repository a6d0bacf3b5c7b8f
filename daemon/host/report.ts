import { readFile } from 'node:fs/promises';
// Of the schema the type alone: it takes long to load, and at most boots there is nothing to do.
import type { ProvisionReport } from '../schema.ts';
import { writeAtomically } from './atomicWrite.ts';

export type { ProvisionReport };

const MOST_LINES = 200;
const MOST_LENGTH = 500;

/** Readable by everybody: the daemon is nobody in particular. */
export async function writeReport(path: string, report: ProvisionReport): Promise<void> {
  const lines = { applied: short(report.applied), problems: short(report.problems) };
  await writeAtomically(path, `${JSON.stringify({ ...report, ...lines }, undefined, 2)}\n`, { mode: 0o644 });
}

/** Undefined: nothing was taken since the machine started, or the file is damaged. */
export async function readReport(path: string): Promise<ProvisionReport | undefined> {
  try {
    const { source, at, applied, problems } = JSON.parse(await readFile(path, 'utf8')) as ProvisionReport;
    return { source: String(source), at: String(at), applied: [...applied], problems: [...problems] };
  } catch {
    return undefined;
  }
}

function short(lines: readonly string[]): string[] {
  const kept = lines.slice(0, MOST_LINES).map((line) => line.slice(0, MOST_LENGTH));
  const rest = lines.length - kept.length;
  return rest > 0 ? [...kept, `… and ${rest} more`] : kept;
}
