/** What the box has to say of itself to whoever stands at the wall. Pure. */
import type { ProvisionReport, Update } from '../../daemon/schema.ts';
import { firstOf, outcomeOf } from '../api/report.ts';

export type Notice =
  | { kind: 'installing' | 'restarting'; version: string; percent: number | undefined }
  | { kind: 'confirming'; version: string; waits: string }
  | { kind: 'rolledBack'; version: string; running: string; reason: string; at: number }
  | { kind: 'provisioned'; report: ProvisionReport; count: number };

/**
 * The most important thing; undefined: nothing. An update goes before everything else: the box must not be switched off.
 *
 * @param report what a stick brought; undefined where the page says it itself
 */
export function noticeOf(
  update: Update | undefined,
  report: ProvisionReport | undefined,
): Notice | undefined {
  if (update?.supported) {
    const { state, version, available, progress, message, rolled_back } = update;
    if (state === 'downloading' || state === 'installing' || state === 'restarting') {
      return {
        kind: state === 'restarting' ? 'restarting' : 'installing',
        version: available ?? '',
        percent: progress === null ? undefined : Math.floor(progress),
      };
    }
    if (state === 'confirming') return { kind: 'confirming', version, waits: message ?? '' };
    if (rolled_back) {
      const { version: left, reason, at } = rolled_back;
      return { kind: 'rolledBack', version: left, running: version, reason, at };
    }
  }
  if (!report) return undefined;
  const { shown, more } = firstOf(report.applied, 0);
  return { kind: 'provisioned', report, count: shown.length + more };
}

/** The same for as long as it is the same thing that is said, however far it has come. */
export function keyOf(notice: Notice): string {
  switch (notice.kind) {
    case 'installing':
    case 'restarting':
    case 'confirming':
      return `${notice.kind} ${notice.version}`;
    case 'rolledBack':
      return `rolledBack ${notice.version} ${notice.at}`;
    case 'provisioned':
      return `provisioned ${JSON.stringify(notice.report)}`;
  }
}

/** Milliseconds. Over a picture for so long; after that it is a line at the bottom … */
const LARGE = 60_000;
/** … and again for so long after somebody touched anything. */
const AFTER_TOUCH = 20_000;
/** Of a faulty stick: somebody stands there, reads, and writes it down. */
const FAULTY = 600_000;

/** band: over the lower edge of the pictures · line: in the line at the bottom · none: all has been said */
export type Place = 'band' | 'line' | 'none';

/** @param since when it was first said, and when somebody last touched anything: milliseconds of the page's clock */
export function placeOf(notice: Notice, now: number, since: number, touchedAt: number): Place {
  const isFaulty = notice.kind === 'provisioned' && notice.report.problems.length > 0;
  if (now - since < (isFaulty ? FAULTY : LARGE)) return 'band';
  if (notice.kind === 'provisioned') return 'none';
  return now - touchedAt < AFTER_TOUCH ? 'band' : 'line';
}

/** Nothing was taken, or not all of it, or all: what the heading says. */
export const headingOf = (report: ProvisionReport) =>
  (
    ({
      all: 'provisionAll',
      nothing: 'provisionNothing',
      some: 'provisionSome',
      none: 'provisionNone',
    }) as const
  )[outcomeOf(report)];
