import type { Wall } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { clock, dayPlan, type Programme } from './programme.ts';
import { WEEKDAYS, weekdayName } from './weekdays.ts';

const HOURS = [0, 6, 12, 18, 24];
const DAY = 24 * 60;

/** The week at a glance: a bar a day, the scheduled hours by their number, dark ones dark. */
export function WeekView({ wall }: { wall: Wall }) {
  const t = texts('wallPage');
  const word = ({ entry, off }: Programme) =>
    off ? t('dark') : entry < 0 ? t('usual') : t('entryNumber', { number: entry + 1 });
  const percent = (minutes: number) => `${(minutes / DAY) * 100}%`;
  return (
    <div class="wall-week">
      <div class="wall-week-hours" aria-hidden="true">
        {HOURS.map((hour) => (
          <span key={hour} style={{ left: percent(hour * 60) }}>
            {hour}
          </span>
        ))}
      </div>
      {WEEKDAYS.map((day) => {
        const plan = dayPlan(wall, day);
        const said = plan.map((one) => `${clock(one.from)}–${clock(one.to)} ${word(one)}`).join(', ');
        return (
          <div key={day} class="wall-week-day">
            <span aria-hidden="true">{weekdayName(day)}</span>
            <div class="wall-week-bar" role="img" aria-label={`${weekdayName(day, 'long')}: ${said}`}>
              {plan.map((one) => (
                <span
                  key={one.from}
                  data-kind={one.off ? 'off' : one.entry < 0 ? 'usual' : 'entry'}
                  title={`${clock(one.from)}–${clock(one.to)} ${word(one)}`}
                  style={{ left: percent(one.from), width: percent(one.to - one.from) }}
                >
                  {!one.off && one.entry >= 0 ? one.entry + 1 : ''}
                </span>
              ))}
            </div>
          </div>
        );
      })}
      <p class="wall-week-key hint">
        <span data-kind="usual">{t('usual')}</span>
        <span data-kind="entry">{t('scheduled')}</span>
        <span data-kind="off">{t('dark')}</span>
      </p>
    </div>
  );
}
