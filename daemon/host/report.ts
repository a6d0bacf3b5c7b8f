import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomicWrite.ts';

/** What was taken at this start of the machine; for the screen, so it holds no secret. */
export interface ProvisionReport {
  /** credential, esp, stick; several with commas. */
  source: string;
  /** ISO 8601; at a first boot the clock may be wrong. */
  at: string;
  /** One line a change. */
  applied: string[];
  /** One sentence each; empty: all that was asked for is so. */
  problems: string[];
}

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
