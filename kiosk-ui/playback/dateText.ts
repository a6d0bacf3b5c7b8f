/** Days as the language in use writes them, in the box's time zone. Apart from format.ts, which the wall loads, too. */
import { timeZone } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import type { Month } from './calendar.ts';

const kept = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${JSON.stringify(options)}`;
  const known = kept.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language.value, options);
  kept.set(key, made);
  return made;
}

const zoned = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  format({ ...options, ...(timeZone.value ? { timeZone: timeZone.value } : {}) });

/** Sun 22 Nov. `unix` in seconds. */
export const dayLabel = (unix: number): string =>
  zoned({ weekday: 'short', day: 'numeric', month: 'short' }).format(unix * 1000);

/** Sunday, 22 November 2026. */
export const longDay = (unix: number): string => zoned({ dateStyle: 'full' }).format(unix * 1000);

/** November 2026. */
export const monthLabel = ({ year, month }: Month): string =>
  format({ month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, 1));

/** M, T, … Monday is 1. The first of January 2024 was one. */
export const weekdayLetter = (weekday: number, style: 'narrow' | 'long' = 'narrow'): string =>
  format({ weekday: style, timeZone: 'UTC' }).format(Date.UTC(2024, 0, weekday));
