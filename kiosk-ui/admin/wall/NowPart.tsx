import { useEffect, useState } from 'preact/hooks';
import type { Wall } from '../../../daemon/schema.ts';
import { timeZone } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Icon } from '../../parts/Icon.tsx';
import { localTime } from '../../wall/schedule.ts';
import { clock, type Programme, programmeAt } from './programme.ts';
import { weekdayName } from './weekdays.ts';

/** Milliseconds; the hours change on the minute. */
const EVERY = 10_000;

/** What is on now and what comes next, by what is saved. */
export function NowPart({ wall }: { wall: Wall }) {
  const t = texts('wallPage');
  const [time, setTime] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setTime(Date.now()), EVERY);
    return () => clearInterval(timer);
  }, []);
  const local = localTime(time, timeZone.value);
  const { now, next } = programmeAt(wall, local);
  const what = ({ entry, off }: Programme) => {
    if (off) return t('dark');
    const sequence = entry < 0 ? wall.sequence : (wall.schedule?.[entry]?.sequence ?? []);
    const names = sequence.length === 0 ? t('everyCamera') : sequence.map(({ layout }) => layout).join(' → ');
    return entry < 0 ? names : `${t('entryNumber', { number: entry + 1 })}: ${names}`;
  };
  return (
    <div class="note wall-now" role="status">
      <Icon name="clock" />
      <div>
        <p>
          <b>{t('now', { time: clock(local.minute) })}</b> {what(now)}
        </p>
        {next && (
          <p>
            <b>{t('next', { day: weekdayName(next.weekday), time: clock(next.minute) })}</b> {what(next)}
          </p>
        )}
      </div>
    </div>
  );
}
