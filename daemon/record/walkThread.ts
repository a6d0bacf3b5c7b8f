/**
 * A walk through a folder of recordings, in a thread of its own: a share may not answer for a minute, and a disk that comes from
 * another box holds hundreds of thousands of files. Day by day, the newest first, it tells which files there are, is told which of them
 * nobody knows, and looks into those.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { mendSegment } from './mendSegment.ts';
import { DAY_FOLDER, KEPT, readSegmentPath } from './segmentName.ts';
import type { WalkAnswer, WalkPlan, WalkSays, WalkTold } from './walk.ts';

const { folder, device } = workerData as WalkPlan;
if (!parentPort) throw new Error('walkThread.ts is a thread');
const port = parentPort;
const tell = (told: WalkTold) => port.postMessage(told);
const answer = () => new Promise<WalkAnswer>((resolve) => port.once('message', resolve));

const days = foldersIn('.')
  .flatMap((camera) => foldersIn(camera).map((day) => `${camera}/${day}`))
  .filter((day) => DAY_FOLDER.test(day))
  .sort((a, b) => dayOf(b).localeCompare(dayOf(a)));
check();
tell({ say: 'days', days });
for (const day of days) {
  const told = attempt(day, () => list(day));
  if (!told) continue;
  tell(told);
  for (const path of await answer()) {
    const found = attempt(path, () => ({ content: look(path) }));
    if (found) tell({ say: 'found', path, ...found });
  }
}
tell({ say: 'done' });
port.close();

function attempt<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // Without the disk nothing of what follows would be true.
    check();
    tell({ say: 'unread', path, message: (error as Error).message });
    return undefined;
  }
}

/** @throws the disk was taken away, and the folder lies on another one now, or is gone */
function check(): void {
  if (statSync(folder).dev !== device) throw new Error(`The disk of ${folder} was taken away.`);
}

function foldersIn(path: string): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function dayOf(folder: string): string {
  return folder.slice(folder.indexOf('/') + 1);
}

function list(day: string): WalkSays<'day'> {
  const names = new Set(readdirSync(join(folder, day)));
  check();
  const files = [...names].map((name) => `${day}/${name}`).filter((path) => readSegmentPath(path));
  const kept = files.filter((path) => names.has(`${path.slice(day.length + 1)}${KEPT}`));
  return { say: 'day', day, files, kept };
}

function look(path: string): { until: number; bytes: number } | undefined {
  const startedAt = readSegmentPath(path)?.startedAt;
  const mended = mendSegment(join(folder, path));
  if (!mended || startedAt === undefined) return undefined;
  const { content, bytes } = mended;
  return { until: startedAt + (content.until - content.from), bytes };
}
