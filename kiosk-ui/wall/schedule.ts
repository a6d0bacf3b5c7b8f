import type { Wall } from '../../daemon/schema.ts';

/** A moment as people in the box's time zone read it off the clock. */
export interface LocalTime {
  /** ISO 8601: 1 is Monday. */
  weekday: number;
  /** Since midnight by the clock; where summer time begins or ends some are missing, others come twice. */
  minute: number;
}

type Hours = NonNullable<Wall['screen_off']>[number];

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
let kept: { timeZone: string | undefined; format: Intl.DateTimeFormat } | undefined;

/** @param unix milliseconds. @param timeZone IANA name; undefined or unknown to the browser: the browser's own */
export function localTime(unix: number, timeZone: string | undefined): LocalTime {
  if (!kept || kept.timeZone !== timeZone) kept = { timeZone, format: clockOf(timeZone) };
  const parts = Object.fromEntries(kept.format.formatToParts(unix).map(({ type, value }) => [type, value]));
  return {
    weekday: WEEKDAYS.indexOf(parts.weekday ?? '') + 1,
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

function clockOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en', timeZone === undefined ? options : { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en', options);
  }
}

/** Whether the clock shows a time within these hours. Those that pass midnight belong to the day they begin on. */
export function isWithin({ days, from, to }: Hours, { weekday, minute }: LocalTime): boolean {
  const begin = minutes(from);
  const end = minutes(to);
  if (end > begin) return days.includes(weekday) && minute >= begin && minute < end;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (days.includes(weekday) && minute >= begin) || (days.includes(yesterday) && minute < end);
}

function minutes(time: string): number {
  const [hour, minute] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** Index of the schedule's entry that fits, the first of several; -1: the usual sequence. */
export function scheduledEntry(wall: Wall, time: LocalTime): number {
  return (wall.schedule ?? []).findIndex((entry) => isWithin(entry, time));
}

export function isScreenOff(wall: Wall, time: LocalTime): boolean {
  return (wall.screen_off ?? []).some((hours) => isWithin(hours, time));
}
