/** Where a day's recordings begin and end. */
import { readTimeline } from '../api/recordings.ts';
import type { Deck } from './deck.ts';
import { lastRecorded, nextRecorded } from './spans.ts';
import { dayStart, type Zone } from './zone.ts';

/** Seconds: a day with summer time's end has 25 hours. */
const DAY = 25 * 3600;
/** Before the end, so that there is something to see. */
const BEFORE_END = 2;

/** To the first or last recorded moment of the day that the playhead is in. */
export async function toEdge(deck: Deck, edge: 'start' | 'end', zone: Zone): Promise<void> {
  const from = dayStart(deck.time, zone);
  await toEdgeOf(deck, from, edge, zone);
}

/** @param day any moment of it, Unix seconds. @returns whether there was something */
export async function toEdgeOf(deck: Deck, day: number, edge: 'start' | 'end', zone: Zone): Promise<boolean> {
  const from = dayStart(day, zone);
  const to = dayStart(from + DAY, zone);
  const answer = await readTimeline(deck.cameras.peek(), from, Math.min(to, Date.now() / 1000 + 5));
  if (!answer.ok) return false;
  const rows = answer.value.cameras;
  const last = lastRecorded(rows);
  const at =
    edge === 'start'
      ? nextRecorded(rows, from)
      : last === undefined
        ? undefined
        : Math.min(last, to) - BEFORE_END;
  if (at === undefined) return false;
  deck.seek(at, { center: true });
  return true;
}
