import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');

/** Builds the element as scripts/setup does, but into that folder. */
export async function buildElement(folder: string): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', join(ROOT, 'kiosk-ui/player'), '--outDir', folder, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, args);
}

/** The built module's text. */
export async function elementModule(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'walleye-element-'));
  try {
    await buildElement(folder);
    return await readFile(join(folder, 'walleye-camera.js'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
