/** Dates and numbers as the language in use writes them, in the box’s time zone. */
import { signal } from '@preact/signals';
import { language } from './language.ts';

/** The box’s; undefined until known: the browser’s own. */
export const timeZone = signal<string | undefined>(undefined);

const kept = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const full = { ...options, ...(timeZone.value ? { timeZone: timeZone.value } : {}) };
  const key = `${language.value} ${JSON.stringify(full)}`;
  const known = kept.get(key) as Intl.DateTimeFormat | undefined;
  if (known) return known;
  const made = new Intl.DateTimeFormat(language.value, full);
  kept.set(key, made);
  return made;
}

/** 14:02. `unix` in seconds, as the API tells times. */
export function time(unix: number): string {
  return dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(unix * 1000);
}

/** 14:02 today, else with the day: 20 Nov, 14:02. */
export function moment(unix: number, now = Date.now() / 1000): string {
  const day = dates({ year: 'numeric', month: 'numeric', day: 'numeric' });
  if (day.format(unix * 1000) === day.format(now * 1000)) return time(unix);
  return dates({
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(unix * 1000);
}

/** 20 November 2026, 14:02:09. */
export function exactly(unix: number): string {
  return dates({ dateStyle: 'long', timeStyle: 'medium', hourCycle: 'h23' }).format(unix * 1000);
}

export function day(unix: number): string {
  return dates({ dateStyle: 'medium' }).format(unix * 1000);
}

export function number(value: number, digits = 0): string {
  const key = `${language.value} ${digits}`;
  const known = kept.get(key) as Intl.NumberFormat | undefined;
  const format =
    known ??
    new Intl.NumberFormat(language.value, { maximumFractionDigits: digits, minimumFractionDigits: 0 });
  kept.set(key, format);
  return format.format(value);
}

/** 74 %. `part` of one. */
export function percent(part: number): string {
  return `${number(part * 100)} %`;
}

/** 1.4 GB: powers of a thousand, as disks are sold. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), units.length - 1);
  const value = count / 1000 ** step;
  return `${number(value, value < 10 && step > 0 ? 1 : 0)} ${units[step]}`;
}

/** How long: 14 s, 3 min, 2 h 5 min, 4 d. Seconds; the units are the international ones. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${number(whole)} s`;
  if (whole < 3600) return `${number(Math.floor(whole / 60))} min`;
  if (whole < 86_400) {
    const minutes = Math.floor((whole % 3600) / 60);
    return `${number(Math.floor(whole / 3600))} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  return `${number(Math.floor(whole / 86_400))} d`;
}
