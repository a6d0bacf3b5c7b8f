/** Which piece of a camera's recordings is loaded. Pure; Unix seconds. */
import type { Span } from '../api/recordings.ts';
import { endOfRun } from './spans.ts';

export interface MediaWindow {
  from: number;
  to: number;
}

/** Pieces begin at such times of the hour, so that going back and forth asks for the same ones again. */
const LENGTH = 1800;
/** Of pieces that are loaded as a whole: what nine cameras send in so long fits into a browser’s memory. */
const SHORT_LENGTH = 30;
/** A window begins a little before what is wanted of it, and has a little more at its end. */
const OVERLAP = 10;
const SHORT_OVERLAP = 2;
/** The next one is loaded so long before this one ends. */
export const AHEAD = 20;

/**
 * The window to load for that time: half an hour by the clock, or what there is of it by now.
 * @param whole a short one, which is loaded as a whole
 */
export function windowFor(spans: readonly Span[], at: number, whole = false): MediaWindow | undefined {
  const length = whole ? SHORT_LENGTH : LENGTH;
  const overlap = whole ? SHORT_OVERLAP : OVERLAP;
  const end = endOfRun(spans, at);
  if (end === undefined) return undefined;
  const from = Math.floor(at / length) * length;
  // What is not there yet may be there by the time that the browser asks for more of the file, which must not grow under it.
  const known = spans.at(-1)!.to;
  const begin = Math.max(from - overlap, firstOf(spans, from - overlap));
  return { from: Math.min(begin, at), to: Math.min(from + length + overlap, Math.max(known, at + 1)) };
}

function firstOf(spans: readonly Span[], time: number): number {
  return spans.find(({ to }) => to > time)?.from ?? time;
}

/** Whether that time can be shown out of the window. */
export const holds = ({ from, to }: MediaWindow, at: number): boolean => at >= from && at < to;
