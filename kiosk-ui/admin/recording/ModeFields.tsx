import { useId } from 'preact/hooks';
import type { AlarmTopic, CameraRecording } from '../../../daemon/schema.ts';
import { timeZone } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { SelectField, Switch, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { TOPICS } from '../alarms/RuleEditor.tsx';
import { HoursFields } from '../wall/HoursFields.tsx';
import { daysText } from '../wall/weekdays.ts';
import { countOf, DEFAULTS, keptHours, shownHours, withMode } from './draft.ts';

type Mode = CameraRecording['mode'];
const MODES: readonly Mode[] = ['off', 'always', 'schedule', 'event', 'manual'];
type Change = (recording: CameraRecording) => void;

export function ModeSelect({
  label,
  mode,
  onInput,
}: {
  label: string;
  mode: Mode;
  onInput: (mode: Mode) => void;
}) {
  const t = texts('recording');
  return (
    <select
      class="recording-mode"
      aria-label={label}
      value={mode}
      onChange={(event) => onInput(event.currentTarget.value as Mode)}
    >
      {MODES.map((one) => (
        <option key={one} value={one}>
          {t(`mode:${one}`)}
        </option>
      ))}
    </select>
  );
}

/** Everything that a camera's recording can be set to. `withMode`: the mode, too. */
export function ModeFields({
  recording,
  onInput,
  withMode: choose = false,
}: {
  recording: CameraRecording;
  onInput: Change;
  withMode?: boolean;
}) {
  const t = texts('recording');
  const { mode } = recording;
  return (
    <>
      {choose && (
        <SelectField
          label={t('mode')}
          value={mode}
          onInput={(next) => onInput(withMode(recording, next))}
          choices={MODES.map((value) => ({ value, label: t(`mode:${value}`) }))}
        />
      )}
      <p class="hint">{t(`modeHint:${mode}`)}</p>
      {mode === 'event' && <EventFields recording={recording} onInput={onInput} />}
      {(mode === 'schedule' || mode === 'event') && <HoursPart recording={recording} onInput={onInput} />}
      {mode !== 'off' && (
        <div class="recording-keep">
          <SelectField
            label={t('stream')}
            value={recording.stream ?? 'main'}
            onInput={(stream) => onInput({ ...recording, stream })}
            choices={[
              { value: 'main', label: t('streamMain') },
              { value: 'sub', label: t('streamSub') },
            ]}
          />
          <TextField
            label={t('ownDays')}
            hint={t('ownDaysHint')}
            type="number"
            min={1}
            max={3650}
            value={recording.days === undefined ? '' : String(recording.days)}
            onInput={(text) => {
              const { days: _, ...rest } = recording;
              const days = countOf(text);
              onInput(days === null ? rest : { ...rest, days });
            }}
          />
          <Switch
            label={t('audio')}
            hint={t('audioHint')}
            checked={recording.audio ?? true}
            onInput={(audio) => onInput({ ...recording, audio })}
          />
        </div>
      )}
    </>
  );
}

/** The hours in which it records, or in which events count. */
function HoursPart({ recording, onInput }: { recording: CameraRecording; onInput: Change }) {
  const t = texts('recording');
  const hours = recording.schedule ?? [];
  const set = (schedule: NonNullable<CameraRecording['schedule']>) => {
    const { schedule: _, ...rest } = recording;
    // Events without hours count always; a schedule without hours is said to be incomplete.
    onInput(schedule.length === 0 && recording.mode === 'event' ? rest : { ...rest, schedule });
  };
  return (
    <fieldset class="recording-hours">
      <legend>{t(recording.mode === 'event' ? 'hoursOfEvents' : 'hours')}</legend>
      <p class="hint">{t('zone', { zone: (timeZone.value ?? 'UTC').replaceAll('_', ' ') })}</p>
      {hours.map((one, n) => {
        const shown = shownHours(one);
        return (
          <div key={n} class="wall-off">
            <HoursFields
              hours={shown}
              onInput={(next) => set(hours.map((old, i) => (i === n ? keptHours(next) : old)))}
            />
            <Button
              kind="quiet"
              label={t('hoursRemove', { days: daysText(shown.days) || '—', from: shown.from, to: shown.to })}
              onClick={() => set(hours.filter((_, i) => i !== n))}
            >
              <Icon name="remove" />
            </Button>
          </div>
        );
      })}
      {hours.length === 0 && (
        <p class={recording.mode === 'event' ? 'soft' : 'fault'}>
          {t(recording.mode === 'event' ? 'hoursAlways' : 'hoursMissing')}
        </p>
      )}
      <Button onClick={() => set([...hours, { days: [0, 1, 2, 3, 4, 5, 6], from: '18:00', to: '07:00' }])}>
        <Icon name="add" />
        {t('hoursAdd')}
      </Button>
    </fieldset>
  );
}

/** Which events, and how much before and after. */
function EventFields({ recording, onInput }: { recording: CameraRecording; onInput: Change }) {
  const t = texts('recording');
  const a = texts('alarms');
  const event = recording.event ?? {};
  const set = (next: NonNullable<CameraRecording['event']>) => onInput({ ...recording, event: next });
  const chosen = event.topics ?? TOPICS;
  const toggle = (topic: AlarmTopic) => {
    const topics = chosen.includes(topic) ? chosen.filter((one) => one !== topic) : [...chosen, topic];
    const { topics: _, ...rest } = event;
    set(topics.length === TOPICS.length ? rest : { ...rest, topics: [...topics] });
  };
  return (
    <>
      <fieldset class="recording-topics">
        <legend>{t('topics')}</legend>
        {TOPICS.map((topic) => (
          <Topic
            key={topic}
            label={a(`topic:${topic}`)}
            on={chosen.includes(topic)}
            onInput={() => toggle(topic)}
          />
        ))}
        {chosen.length === 0 && (
          <p class="fault" role="alert">
            {t('topicsMissing')}
          </p>
        )}
      </fieldset>
      <div class="recording-keep">
        <TextField
          label={t('pre')}
          hint={t('preHint')}
          type="number"
          min={0}
          max={30}
          value={String(event.pre_seconds ?? DEFAULTS.pre)}
          onInput={(text) => set({ ...event, pre_seconds: Math.min(countOf(text) ?? 0, 30) })}
        />
        <TextField
          label={t('post')}
          hint={t('postHint')}
          type="number"
          min={1}
          max={600}
          value={String(event.post_seconds ?? DEFAULTS.post)}
          onInput={(text) => set({ ...event, post_seconds: Math.min(Math.max(countOf(text) ?? 1, 1), 600) })}
        />
      </div>
    </>
  );
}

function Topic({ label, on, onInput }: { label: string; on: boolean; onInput: () => void }) {
  const id = useId();
  return (
    <span class="recording-topic">
      <input id={id} type="checkbox" checked={on} onChange={onInput} />
      <label for={id}>{label}</label>
    </span>
  );
}
