import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readTalk } from './exchange.ts';
import type { LeftSession } from './handover.ts';
import { readRecords } from './journalRecords.ts';

/** Names of the files: what was said, and parts of what came, `17.part`. */
export const TALK = 'talk.json';
export const PART = '.part';

/**
 * What lies in a session's folder, which is gone afterwards: if it is what kills us, the next daemon begins anew.
 *
 * @returns undefined: nothing that one could go on with
 */
export function takeLeft(folder: string): Omit<LeftSession, 'descriptor'> | undefined {
  try {
    const talk = readTalk(readFileSync(join(folder, TALK), 'utf8'));
    const parts = readdirSync(folder)
      .filter((name) => name.endsWith(PART))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    const records = parts.flatMap((name, at) => {
      const records = readRecords(readFileSync(join(folder, name)));
      // A part begins with the rest of the one before, for when that is gone.
      return at === 0 ? records : records.slice(1);
    });
    return talk && records.length > 0 ? { talk, records } : undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
