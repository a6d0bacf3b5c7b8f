/** Whether a version shows what the one before it showed. Pure: reports in, a verdict out. */
import { type Before, FRESH, type WallReport } from './wallReport.ts';

/** What was seen since the machine started. */
export interface Watch {
  /** The daemon has answered. */
  answered: boolean;
  /** Cameras that were live at some time. */
  seen: ReadonlySet<string>;
  /** The most tiles that had a picture at one time: an alarm in full screen hides the others. */
  painting: number;
  last: WallReport | undefined;
}

export const NOTHING_SEEN: Watch = { answered: false, seen: new Set(), painting: 0, last: undefined };

export function look(watch: Watch, report: WallReport | undefined): Watch {
  if (!report) return { ...watch, last: undefined };
  const fresh = report.silence !== null && report.silence < FRESH;
  return {
    answered: true,
    seen: new Set([...watch.seen, ...report.live]),
    painting: fresh ? Math.max(watch.painting, report.painting) : watch.painting,
    last: report,
  };
}

/** Names in a sentence; a wall of 64 would fill the screen with them. */
const MOST_NAMES = 6;

/**
 * What is still missing, each as the end of a sentence; empty: it is well.
 *
 * @param before undefined: it is not known what was shown; daemon and screen have to be there all the same
 */
export function missing({ answered, seen, painting, last }: Watch, before: Before | undefined): string[] {
  if (!last) return [answered ? 'the daemon stopped answering' : 'the daemon does not answer'];
  const faults: string[] = [];
  const silent = last.silence === null || last.silence >= FRESH;
  if (silent) faults.push('the screen’s page does not say that it paints');
  // Somebody wants them, and they do not come. Those that nobody wants now are on another layout.
  const absent = before?.cameras.filter((camera) => !seen.has(camera) && !last.idle.includes(camera)) ?? [];
  if (absent.length > 0) faults.push(`no picture of ${named(absent)}`);
  const shown = before?.painting ?? 0;
  const needed = before?.steady ? shown : Math.min(1, shown);
  // The wall may just have entered the hours in which its screen is off.
  if (!silent && painting < needed && !last.dark) faults.push(`${painting} of ${shown} tiles have a picture`);
  return faults;
}

function named(cameras: readonly string[]): string {
  const rest = cameras.length - MOST_NAMES;
  return cameras.slice(0, MOST_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
