/** Where there is something, and what comes next. Pure; Unix seconds; spans and events are in order of time. */
import type { CameraTimeline, Span, TimelineEvent } from '../api/recordings.ts';

/** Shorter ones are played through: the last picture stands meanwhile. */
export const SHORT_GAP = 1.5;
/** An event is gone to a little early, so that one sees how it comes. */
export const LEAD = 1;

/** Index of the last span that has begun by then; -1: none has. */
function begunBy(spans: readonly Span[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.from <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function spanAt(spans: readonly Span[], time: number): Span | undefined {
  const span = spans[begunBy(spans, time)];
  return span && time < span.to ? span : undefined;
}

/** Whether there is a picture to show for that time, by the end of a short gap at the latest. */
export function isRecorded(spans: readonly Span[], time: number): boolean {
  const index = begunBy(spans, time);
  const span = spans[index];
  if (!span) return false;
  if (time < span.to) return true;
  const next = spans[index + 1];
  return next !== undefined && next.from - span.to <= SHORT_GAP;
}

/** Until when it goes on from there without a gap that is to be seen. */
export function endOfRun(spans: readonly Span[], time: number): number | undefined {
  let index = begunBy(spans, time);
  if (index < 0 || !isRecorded(spans, time)) return undefined;
  while (spans[index + 1] && spans[index + 1]!.from - spans[index]!.to <= SHORT_GAP) index++;
  return spans[index]!.to;
}

/** The first time from then on at which any of them has something; undefined: none has any more. */
export function nextRecorded(rows: readonly CameraTimeline[], time: number): number | undefined {
  let first: number | undefined;
  for (const { spans } of rows) {
    const next = isRecorded(spans, time) ? time : spans[begunBy(spans, time) + 1]?.from;
    if (next !== undefined && (first === undefined || next < first)) first = next;
  }
  return first;
}

/** The last recorded moment. */
export function lastRecorded(rows: readonly CameraTimeline[]): number | undefined {
  const ends = rows.flatMap(({ spans }) => spans.at(-1)?.to ?? []);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

export interface CameraEvent extends TimelineEvent {
  camera: string;
}

/** Of all cameras, the earliest first. */
export const eventsOf = (rows: readonly CameraTimeline[]): CameraEvent[] =>
  rows
    .flatMap(({ camera, events }) => events.map((event) => ({ ...event, camera })))
    .sort((a, b) => a.from - b.from);

/** The one after or before what is being looked at. What one has just come to is not the next one again. */
export function eventBeside(
  events: readonly CameraEvent[],
  time: number,
  step: 1 | -1,
): CameraEvent | undefined {
  if (step > 0) return events.find(({ from }) => from - LEAD > time + 0.2);
  return events.findLast(({ from }) => from - LEAD < time - 1.5);
}

/** Whether all that is there of that time is kept. */
export function isKept(spans: readonly Span[], from: number, to: number): boolean {
  const inside = spans.filter((span) => span.to > from && span.from < to);
  return inside.length > 0 && inside.every((span) => span.protected);
}
