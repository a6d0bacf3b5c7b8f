import { useState } from 'preact/hooks';
import type { Layout, Wall } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { movedWithin } from '../layouts/OrderedList.tsx';
import { HoursFields } from './HoursFields.tsx';
import { type Entry, type Hours, isEntry } from './programme.ts';
import { SequenceEditor } from './SequenceEditor.tsx';
import { WeekView } from './WeekView.tsx';
import { daysText } from './weekdays.ts';

const OFFICE: Hours = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' };
const NIGHT: Hours = { days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00' };

/** Another programme at certain hours. The first entry that fits decides, so their order can be changed. */
export function SchedulePart({
  wall,
  layouts,
  zone,
  onInput,
}: {
  wall: Wall;
  layouts: readonly Layout[];
  zone: string;
  onInput: (wall: Wall) => void;
}) {
  const t = texts('wallPage');
  const schedule = wall.schedule ?? [];
  const set = (next: Entry[]) => onInput({ ...wall, schedule: next });
  /** Indices of the entries that are unfolded; they follow their entries. */
  const [open, setOpen] = useState<readonly number[]>(schedule.length === 1 ? [0] : []);
  const swap = (n: number, to: number) => {
    set(movedWithin(schedule, n, to));
    setOpen(open.map((one) => (one === n ? to : one === to ? n : one)));
  };
  const change = (n: number, entry: Entry) => set(schedule.map((one, i) => (i === n ? entry : one)));
  return (
    <section class="card wall-schedule">
      <h2>{t('week')}</h2>
      <p class="soft">{t('zone', { zone })}</p>
      <WeekView wall={wall} />
      {schedule.length > 1 && <p class="hint">{t('firstDecides')}</p>}
      {schedule.map((entry, n) => (
        <details
          key={n}
          class="wall-entry"
          open={open.includes(n)}
          onToggle={(event) => {
            const unfolded = event.currentTarget.open;
            setOpen((all) => [...all.filter((one) => one !== n), ...(unfolded ? [n] : [])]);
          }}
        >
          <summary>
            <b>{n + 1}</b>{' '}
            {t('entryText', { days: daysText(entry.days) || '—', from: entry.from, to: entry.to })}
            {!isEntry(entry) && <p class="fault">{t('entryIncomplete')}</p>}
          </summary>
          <HoursFields hours={entry} onInput={(hours) => change(n, { ...entry, ...hours })} />
          <SequenceEditor
            sequence={entry.sequence}
            layouts={layouts}
            label={t('entryNumber', { number: n + 1 })}
            onInput={(sequence) => change(n, { ...entry, sequence })}
          />
          <div class="wall-entry-actions">
            <Button
              kind="quiet"
              label={t('entryUp', { number: n + 1 })}
              disabled={n === 0}
              onClick={() => swap(n, n - 1)}
            >
              <Icon name="up" />
            </Button>
            <Button
              kind="quiet"
              label={t('entryDown', { number: n + 1 })}
              disabled={n === schedule.length - 1}
              onClick={() => swap(n, n + 1)}
            >
              <Icon name="down" />
            </Button>
            <Button
              kind="quiet"
              label={t('entryRemove', { number: n + 1 })}
              onClick={() => {
                set(schedule.filter((_, i) => i !== n));
                setOpen(open.filter((one) => one !== n).map((one) => (one > n ? one - 1 : one)));
              }}
            >
              <Icon name="remove" />
            </Button>
          </div>
        </details>
      ))}
      <Button
        onClick={() => {
          set([...schedule, { ...OFFICE, sequence: wall.sequence }]);
          setOpen([...open, schedule.length]);
        }}
      >
        <Icon name="add" />
        {t('addEntry')}
      </Button>
    </section>
  );
}

/** Hours in which the screen is dark. */
export function ScreenOffPart({ wall, onInput }: { wall: Wall; onInput: (wall: Wall) => void }) {
  const t = texts('wallPage');
  const all = wall.screen_off ?? [];
  const set = (next: Hours[]) => onInput({ ...wall, screen_off: next });
  return (
    <section class="card">
      <h2>{t('screenOff')}</h2>
      <p class="soft">{t('screenOffLead')}</p>
      {all.map((hours, n) => (
        <div key={n} class="wall-off">
          <HoursFields hours={hours} onInput={(next) => set(all.map((one, i) => (i === n ? next : one)))} />
          <Button
            kind="quiet"
            label={t('offRemove', { days: daysText(hours.days) || '—', from: hours.from, to: hours.to })}
            onClick={() => set(all.filter((_, i) => i !== n))}
          >
            <Icon name="remove" />
          </Button>
        </div>
      ))}
      <Button onClick={() => set([...all, NIGHT])}>
        <Icon name="add" />
        {t('addOff')}
      </Button>
    </section>
  );
}
