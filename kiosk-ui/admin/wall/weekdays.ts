import { language } from '../../i18n/language.ts';

/** ISO 8601. */
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** Mon, 週一, 周一; or in full. Monday the first of January 2024 begins a week. */
export function weekdayName(weekday: number, style: 'short' | 'long' = 'short'): string {
  const format = new Intl.DateTimeFormat(language.value, { weekday: style, timeZone: 'UTC' });
  return format.format(Date.UTC(2024, 0, weekday));
}

/** Mon–Fri, Sun. */
export function daysText(days: readonly number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const texts = runs.flatMap((run) =>
    run.length > 2
      ? [`${weekdayName(run[0]!)}–${weekdayName(run.at(-1)!)}`]
      : run.map((day) => weekdayName(day)),
  );
  return texts.join(language.value === 'en' ? ', ' : '、');
}
