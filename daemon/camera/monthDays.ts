/** The days of a month as the box's time zone has them. Pure. */
import { boxDay, daysAfter } from './boxDay.ts';

/** Seconds: no time zone is further from UTC. */
const FURTHEST = 15 * 3600;

export interface MonthDay {
  /** 1 to 31. */
  day: number;
  /** Unix seconds of its first second and of the first one after it. */
  from: number;
  to: number;
}

/** @param month `2026-11` @param timeZone IANA name */
export function monthDays(month: string, timeZone: string): MonthDay[] {
  const days: string[] = [];
  for (let day = `${month}-01`; day.startsWith(month); day = daysAfter(day, 1)) days.push(day);
  const begins = [...days, daysAfter(days.at(-1)!, 1)].map((day) => dayBegins(day, timeZone));
  return days.map((_, i) => ({ day: i + 1, from: begins[i]!, to: begins[i + 1]! }));
}

/** Unix seconds. Found by asking: a day may have 23 or 25 hours, and begin at 1 o'clock. */
function dayBegins(day: string, timeZone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`) / 1000;
  let before = utc - FURTHEST;
  let from = utc + FURTHEST;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (boxDay(middle, timeZone) < day) before = middle;
    else from = middle;
  }
  return from;
}
