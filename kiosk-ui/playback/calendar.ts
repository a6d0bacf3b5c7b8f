/** A month as calendars draw it. Pure. */

export interface Month {
  year: number;
  /** 1 is January. */
  month: number;
}

export const sameMonth = (a: Month, b: Month): boolean => a.year === b.year && a.month === b.month;

export function monthBeside({ year, month }: Month, step: 1 | -1): Month {
  const index = year * 12 + (month - 1) + step;
  return { year: Math.floor(index / 12), month: (index % 12) + 1 };
}

/** 2026-11. */
export const monthKey = ({ year, month }: Month): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;

/** Weeks from Monday to Sunday; undefined: not a day of this month. */
export function weeksOf({ year, month }: Month): (number | undefined)[][] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const before = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
  const count = Math.ceil((before + length) / 7);
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (_, weekday) => {
      const day = week * 7 + weekday - before + 1;
      return day >= 1 && day <= length ? day : undefined;
    }),
  );
}
