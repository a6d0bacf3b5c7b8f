/** Days as the box's time zone has them, `YYYY-MM-DD`: they sort as they follow each other. Pure. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** @param unix seconds @param timeZone IANA name; UTC in place of one that is not known here (a backup may bring any) */
export function boxDay(unix: number, timeZone: string): string {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(unix * 1000)
      .map(({ type, value }) => [type, value]),
  );
  return `${(parts.year ?? '').padStart(4, '0')}-${parts.month}-${parts.day}`;
}

/** So many days after `day`, by the calendar. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Kept, as making one takes a thousand times as long as using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const options = {
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
  } as const;
  const make = (zone: string) =>
    new Intl.DateTimeFormat('en', { ...options, day: '2-digit', timeZone: zone });
  let format: Intl.DateTimeFormat;
  try {
    format = make(timeZone);
  } catch {
    format = make('UTC');
  }
  formats.clear(); // one zone at a time is in use
  formats.set(timeZone, format);
  return format;
}
