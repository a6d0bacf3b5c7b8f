/** The clock on the box's wall: what Unix seconds are in its time zone, and back. Pure. */

export interface WallTime {
  year: number;
  /** 1 is January. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** IANA name; undefined: the browser's own. */
export type Zone = string | undefined;

const DAY = 86_400;
const kept = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone): Intl.DateTimeFormat {
  const known = kept.get(zone ?? '');
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', {
    ...(zone ? { timeZone: zone } : {}),
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  kept.set(zone ?? '', made);
  return made;
}

/** @param unix seconds; the fraction is left out */
export function wallTime(unix: number, zone: Zone): WallTime {
  const parts = format(zone).formatToParts(Math.floor(unix) * 1000);
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return {
    year: of('year'),
    month: of('month'),
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    second: of('second'),
  };
}

/** Seconds that the clock there is ahead of UTC at that moment. */
export function offset(unix: number, zone: Zone): number {
  const whole = Math.floor(unix);
  return asIfUtc(wallTime(whole, zone)) - whole;
}

/**
 * Unix seconds of what the clock there shows. Where summer time begins some times are missing: they are told by the clock
 * that went before. Where it ends some come twice: the first is meant.
 */
export function unixOf(time: WallTime, zone: Zone): number {
  const local = asIfUtc(time);
  const first = local - offset(local - DAY, zone);
  if (offset(first, zone) === local - first) return first;
  const second = local - offset(local + DAY, zone);
  return offset(second, zone) === local - second ? second : first;
}

export function dayStart(unix: number, zone: Zone): number {
  return unixOf({ ...wallTime(unix, zone), hour: 0, minute: 0, second: 0 }, zone);
}

/** As fields for date and time have it: 2026-11-22T14:32:05. */
export function fieldOf(unix: number, zone: Zone): string {
  const { year, month, day, hour, minute, second } = wallTime(unix, zone);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Undefined for what is no date and time. */
export function unixOfField(field: string, zone: Zone): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?$/.exec(field);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  return (
    unixOf({ year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second: second! }, zone) +
    Number(found[7] ?? 0)
  );
}

/** 14:32:05, or with tenths: 14:32:05.4. */
export function clockText(unix: number, zone: Zone, tenths = false): string {
  const { hour, minute, second } = wallTime(unix, zone);
  const text = `${two(hour)}:${two(minute)}:${two(second)}`;
  return tenths ? `${text}.${Math.floor((unix - Math.floor(unix)) * 10)}` : text;
}

/** Which zone the times are of: Asia/Taipei (UTC+8), UTC. */
export function zoneText(unix: number, zone: Zone): string {
  const name = (zone ?? format(zone).resolvedOptions().timeZone).replaceAll('_', ' ');
  const minutes = Math.round(offset(unix, zone) / 60);
  const rest = Math.abs(minutes) % 60;
  const ahead = `UTC${minutes < 0 ? '−' : '+'}${Math.floor(Math.abs(minutes) / 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
  return minutes === 0 && name === 'UTC' ? name : `${name} (${ahead})`;
}

function asIfUtc({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

const two = (n: number) => String(n).padStart(2, '0');
