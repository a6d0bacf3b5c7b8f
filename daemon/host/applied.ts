import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomicWrite.ts';

const MOST = 64;

interface Entry {
  sha256: string;
  source: string;
  at: string;
}

/** SHA-256 of all that lies in a source, names and bytes. */
export function fingerprint(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) {
    const bytes = files.get(name) ?? new Uint8Array();
    hash.update(`${Buffer.byteLength(name)} ${name} ${bytes.length} `).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * Which sources were taken already, so that a stick that is left in does not undo what people changed since. A damaged
 * list counts as empty: taking one again is mended on the admin page, a box that takes none is not.
 */
export async function readApplied(path: string): Promise<Entry[]> {
  try {
    const { applied } = JSON.parse(await readFile(path, 'utf8')) as { applied: Entry[] };
    return applied.filter((entry) => typeof entry.sha256 === 'string');
  } catch {
    return [];
  }
}

/** On the disk when it returns. */
export async function remember(path: string, entry: Entry): Promise<void> {
  const before = (await readApplied(path)).filter(({ sha256 }) => sha256 !== entry.sha256);
  const content = `${JSON.stringify({ applied: [...before, entry].slice(-MOST) }, undefined, 2)}\n`;
  await writeAtomically(path, content, { mode: 0o600 });
}
