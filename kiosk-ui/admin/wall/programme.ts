/** What the wall’s hours come to on each day of the week, and what is on now and next. Pure. */
import type { Wall } from '../../../daemon/schema.ts';
import { isScreenOff, type LocalTime, scheduledEntry } from '../../wall/schedule.ts';

export type Sequence = Wall['sequence'];
export type Entry = NonNullable<Wall['schedule']>[number];
export type Hours = NonNullable<Wall['screen_off']>[number];

export interface Programme {
  /** Index in the schedule; -1: the usual sequence. */
  entry: number;
  /** The screen is dark. */
  off: boolean;
}

export interface Segment extends Programme {
  /** Minutes since midnight; `to` is 1440 at most. */
  from: number;
  to: number;
}

const DAY = 24 * 60;

export function minutesOf(time: string): number {
  const [hour, minute] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

export function clock(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const at = (wall: Wall, time: LocalTime): Programme => ({
  entry: scheduledEntry(wall, time),
  off: isScreenOff(wall, time),
});

const alike = (a: Programme, b: Programme) => a.off === b.off && (a.off || a.entry === b.entry);

/** A whole day without gaps. Which entry would be on behind a dark screen makes no difference. */
export function dayPlan(wall: Wall, weekday: number): Segment[] {
  const hours = [...(wall.schedule ?? []), ...(wall.screen_off ?? [])];
  const marks = new Set([0, ...hours.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)])]);
  const starts = [...marks].filter((mark) => mark < DAY).sort((a, b) => a - b);
  const plan: Segment[] = [];
  for (const [n, from] of starts.entries()) {
    const now = at(wall, { weekday, minute: from });
    const to = starts[n + 1] ?? DAY;
    const last = plan.at(-1);
    if (last && alike(last, now)) last.to = to;
    else plan.push({ from, to, ...now });
  }
  return plan;
}

export interface Change extends Programme {
  weekday: number;
  minute: number;
}

/** What is on at that time, and the first change after it; no `next`: it stays so. */
export function programmeAt(wall: Wall, time: LocalTime): { now: Programme; next: Change | undefined } {
  const now = at(wall, time);
  for (let ahead = 0; ahead <= 7; ahead++) {
    const weekday = ((time.weekday - 1 + ahead) % 7) + 1;
    for (const { from: minute, entry, off } of dayPlan(wall, weekday)) {
      if (ahead === 0 && minute <= time.minute) continue;
      if (!alike({ entry, off }, now)) return { now, next: { weekday, minute, entry, off } };
    }
  }
  return { now, next: undefined };
}

/** Whether both wall programmes are the same one, however they are written. */
export function sameWall(a: Wall, b: Wall): boolean {
  const plain = (wall: Wall) => {
    const list = (sequence: Sequence) => sequence.map(({ layout, dwell_seconds }) => [layout, dwell_seconds]);
    const hours = ({ days, from, to }: Hours) => [[...days].sort(), from, to];
    return JSON.stringify([
      list(wall.sequence),
      (wall.schedule ?? []).map((entry) => [hours(entry), list(entry.sequence)]),
      (wall.screen_off ?? []).map(hours),
    ]);
  };
  return plain(a) === plain(b);
}

/** Whether the daemon will take these hours. */
export function areHours({ days, from, to }: Hours): boolean {
  const time = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;
  return days.length > 0 && time.test(from) && time.test(to);
}

export const areSeconds = (seconds: number): boolean => seconds >= 1 && seconds <= 86_400;

const isSequence = (sequence: Sequence): boolean =>
  sequence.every(({ dwell_seconds: seconds }) => areSeconds(seconds));

export const isEntry = (entry: Entry): boolean => areHours(entry) && isSequence(entry.sequence);

export const isValid = ({ sequence, schedule = [], screen_off: off = [] }: Wall): boolean =>
  isSequence(sequence) && schedule.every(isEntry) && off.every(areHours);
