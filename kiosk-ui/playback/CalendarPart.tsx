import { useEffect, useState } from 'preact/hooks';
import { readDays } from '../api/recordings.ts';
import { timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import { Button } from '../parts/Button.tsx';
import { TextField } from '../parts/Field.tsx';
import { Icon } from '../parts/Icon.tsx';
import { type Month, monthBeside, monthKey, sameMonth, weeksOf } from './calendar.ts';
import { longDay, monthLabel, weekdayLetter } from './dateText.ts';
import type { Deck } from './deck.ts';
import { toEdgeOf } from './edges.ts';
import { fieldOf, unixOf, unixOfField, wallTime } from './zone.ts';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

/** A month, with the days that have something; and a field for one moment. */
export function CalendarPart({ deck, done }: { deck: Deck; done: () => void }) {
  const t = texts('playback');
  const zone = timeZone.value;
  const head = wallTime(deck.at.value, zone);
  const today = wallTime(Date.now() / 1000, zone);
  const [month, setMonth] = useState<Month>({ year: head.year, month: head.month });
  const cameras = deck.cameras.value;
  const days = useDays(month, cameras);
  // The calendar follows the playhead into another month.
  useEffect(() => setMonth({ year: head.year, month: head.month }), [head.year, head.month]);
  const noonOf = (day: number) => unixOf({ ...month, day, hour: 12, minute: 0, second: 0 }, zone);
  const goTo = async (day: number) => {
    const found = await toEdgeOf(deck, noonOf(day), 'start', zone);
    if (!found) deck.seek(unixOf({ ...month, day, hour: 0, minute: 0, second: 0 }, zone), { center: true });
    done();
  };
  return (
    <div class="calendar">
      <div class="calendar-head">
        <Button kind="quiet" label={t('monthBack')} onClick={() => setMonth(monthBeside(month, -1))}>
          <Icon name="left" />
        </Button>
        <h3 aria-live="polite">{monthLabel(month)}</h3>
        <Button
          kind="quiet"
          label={t('monthOn')}
          disabled={sameMonth(month, today)}
          onClick={() => setMonth(monthBeside(month, 1))}
        >
          <Icon name="right" />
        </Button>
      </div>
      <table>
        <thead>
          <tr>
            {WEEKDAYS.map((weekday) => (
              <th key={weekday} scope="col" abbr={weekdayLetter(weekday, 'long')}>
                {weekdayLetter(weekday)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week, w) => (
            <tr key={w}>
              {week.map((day, i) => (
                <td key={i}>
                  {day !== undefined && (
                    <button
                      type="button"
                      class="calendar-day"
                      data-some={days.has(day) || undefined}
                      data-today={(sameMonth(month, today) && day === today.day) || undefined}
                      aria-current={sameMonth(month, head) && day === head.day ? 'date' : undefined}
                      aria-label={t(days.has(day) ? 'dayWith' : 'dayWithout', { day: longDay(noonOf(day)) })}
                      disabled={noonOf(day) - 43_200 > Date.now() / 1000}
                      onClick={() => void goTo(day)}
                    >
                      {day}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <GoTo deck={deck} done={done} />
    </div>
  );
}

function GoTo({ deck, done }: { deck: Deck; done: () => void }) {
  const t = texts('playback');
  const zone = timeZone.value;
  const [typed, setTyped] = useState<string>();
  const at = typed === undefined ? undefined : unixOfField(typed, zone);
  return (
    <form
      class="go-to"
      onSubmit={(event) => {
        event.preventDefault();
        if (at === undefined) return;
        deck.seek(at, { center: true });
        setTyped(undefined);
        done();
      }}
    >
      <TextField
        label={t('goTo')}
        type="datetime-local"
        step={1}
        value={typed ?? fieldOf(deck.at.value, zone)}
        onInput={setTyped}
      />
      <Button type="submit" disabled={at === undefined} label={t('goTo')}>
        <Icon name="forward" />
      </Button>
    </form>
  );
}

/** Days of the month on which any of the cameras recorded something. */
function useDays(month: Month, cameras: readonly string[]): ReadonlySet<number> {
  const [days, setDays] = useState<ReadonlySet<number>>(new Set());
  const key = `${monthKey(month)} ${cameras.join()}`;
  useEffect(() => {
    let ended = false;
    setDays(new Set());
    void Promise.all(cameras.map((camera) => readDays(monthKey(month), camera))).then((answers) => {
      if (!ended) setDays(new Set(answers.flatMap((answer) => (answer.ok ? answer.value.days : []))));
    });
    return () => {
      ended = true;
    };
  }, [key]);
  return days;
}
