import type { SegmentIndex } from './segmentIndex.ts';
import { Walk, type WalkPlan } from './walk.ts';

/** What a walk through the folder has changed. */
export interface Reconciled {
  /** Segments that nobody knew of. */
  found: number;
  /** Segments that were being written when the power went. */
  mended: number;
  /** Segments whose files are gone. */
  lost: number;
  /** What could not be read, or why the walk did not come to its end. */
  problems: string[];
}

const MOST_PROBLEMS = 10;

/**
 * Makes the index say what lies in the folder: after a power cut, when the index was lost, when the disk was at another box meanwhile or
 * somebody has deleted files. Recording goes on beside it.
 */
export function reconcile(
  plan: WalkPlan,
  index: SegmentIndex,
): { done: Promise<Reconciled>; end: () => void } {
  // What comes later is being written now.
  const before = index.lastId;
  let keep = new Set<string>();
  const result: Reconciled = { found: 0, mended: 0, lost: 0, problems: [] };
  const fail = (message: string) => {
    if (result.problems.length < MOST_PROBLEMS) result.problems.push(message);
  };
  const forget = (day: string, there: ReadonlySet<string>) => {
    for (const { id, path } of index.ofDay(day)) {
      if (id > before || there.has(path)) continue;
      index.remove(id);
      result.lost++;
    }
  };
  const walk = new Walk(
    plan,
    {
      days: ({ days }) => {
        const there = new Set(days);
        for (const day of index.days()) if (!there.has(day)) forget(day, new Set());
      },
      day: ({ day, files, kept }) => {
        forget(day, new Set(files));
        const known = new Map(index.ofDay(day).map((segment) => [segment.path, segment]));
        keep = new Set(kept);
        for (const path of kept) {
          const segment = known.get(path);
          if (segment && !segment.protected) index.protect(segment.id, true);
        }
        return files.filter((path) => {
          const segment = known.get(path);
          return !segment || (segment.open && segment.id <= before);
        });
      },
      found: ({ path, content }) => {
        const known = index.at(path);
        if (content) {
          index.protect(index.settle(path, content), keep.has(path));
          if (known) result.mended++;
          else result.found++;
        } else if (known) index.remove(known.id);
      },
      unread: ({ path, message }) => fail(`${path}: ${message}`),
    },
    (error) => fail(error.message),
  );
  return { done: walk.done.then(() => result), end: () => walk.end() };
}
