import { texts } from '../../i18n/i18n.ts';
import { TextField } from '../../parts/Field.tsx';
import { type Hours, minutesOf } from './programme.ts';
import { WEEKDAYS, weekdayName } from './weekdays.ts';

/** Days, from, to. */
export function HoursFields({ hours, onInput }: { hours: Hours; onInput: (hours: Hours) => void }) {
  const t = texts('wallPage');
  const { days, from, to } = hours;
  const overnight = from !== '' && to !== '' && minutesOf(to) <= minutesOf(from);
  return (
    <div class="wall-hours">
      <fieldset class="wall-days">
        <legend>{t('days')}</legend>
        {WEEKDAYS.map((day) => (
          <button
            key={day}
            type="button"
            class="wall-day"
            title={weekdayName(day, 'long')}
            aria-pressed={days.includes(day)}
            onClick={() =>
              onInput({
                ...hours,
                days: days.includes(day)
                  ? days.filter((one) => one !== day)
                  : [...days, day].sort((a, b) => a - b),
              })
            }
          >
            {weekdayName(day)}
          </button>
        ))}
        {days.length === 0 && (
          <p class="fault" role="alert">
            {t('noDays')}
          </p>
        )}
      </fieldset>
      <TextField
        label={t('from')}
        type="time"
        value={from}
        fault={from === '' ? t('noTime') : undefined}
        onInput={(value) => onInput({ ...hours, from: value })}
      />
      <TextField
        label={t('to')}
        type="time"
        value={to}
        fault={to === '' ? t('noTime') : undefined}
        hint={overnight ? t('nextDay') : undefined}
        onInput={(value) => onInput({ ...hours, to: value })}
      />
    </div>
  );
}
