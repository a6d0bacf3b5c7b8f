import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FuzzTarget } from './target.ts';

export const TARGETS_FOLDER = join(import.meta.dirname, 'targets');
/** Inputs that were found once, a folder for each target. */
export const FOUND_FOLDER = join(import.meta.dirname, 'found');

export const targetNames: readonly string[] = readdirSync(TARGETS_FOLDER).map((file) =>
  basename(file, '.ts'),
);

export async function loadTarget(name: string): Promise<FuzzTarget> {
  return (await import(join(TARGETS_FOLDER, `${name}.ts`))) as FuzzTarget;
}
