import type { MeasureContext } from '../measure.ts';
import type { RecordingCheck } from './check.ts';

/** What was done to the recording. Unix seconds. */
export interface Disturbance {
  what: 'kill -9' | 'disk away';
  from: number;
  to: number;
}

/** Seconds before it that may be lost, too: what was not yet on the disk. */
const UNSAVED = 12;
/** Seconds of a recording that kill -9 may cost. */
const MOST_KILLED = 1;
/** Sentences about files that are printed. */
const MOST_SAID = 10;

export function reportCheck(
  { figures, step }: MeasureContext,
  check: RecordingCheck,
  disturbances: readonly Disturbance[],
): void {
  for (const fault of [...check.unplayable, ...check.unlikeSource].slice(0, MOST_SAID)) step(fault);
  const { files, pictures } = check;
  figures.add('record: files that cannot be played', check.unplayable.length, `of ${files}`, 0);
  figures.add(
    'record: files of another codec, size or rate than the source',
    check.unlikeSource.length,
    `of ${files}`,
    0,
  );
  figures.add('record: pictures without a readable number', check.unreadable, `of ${pictures}`, 0);
  figures.add('record: steps back', check.repeated, '', 0);
  const concerns = ({ from, to }: Disturbance) =>
    check.gaps.filter((gap) => gap.to > from - UNSAVED && gap.from < to);
  const explained = new Set(disturbances.flatMap(concerns));
  const others = check.gaps.filter((gap) => !explained.has(gap));
  const lost = others.reduce((sum, gap) => sum + gap.pictures, 0);
  figures.add('record: pictures missing while nothing was wrong', lost, `of ${pictures}`, 0);
  for (const { camera, from, to, pictures: missing } of others.slice(0, MOST_SAID))
    step(`${camera}: ${missing} pictures between ${time(from)} and ${time(to)}`);
  for (const [i, disturbance] of disturbances.entries()) {
    const gaps = concerns(disturbance);
    const name = `record, ${disturbance.what} (${i + 1})`;
    figures.add(`${name}: gaps`, gaps.length, '');
    const longest = Math.max(0, ...gaps.map(({ from, to }) => to - from));
    figures.add(
      `${name}: the longest`,
      longest,
      's',
      ...(disturbance.what === 'kill -9' ? [MOST_KILLED] : []),
    );
    figures.add(
      `${name}: the most pictures missing`,
      Math.max(0, ...gaps.map((gap) => gap.pictures)),
      'of a camera',
    );
  }
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
