import { useState } from 'preact/hooks';
import type { Settings, SettingsPatch } from '../../../daemon/schema.ts';
import { language, texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { SelectField, TextField } from '../../parts/Field.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';
import { readSettings, settings } from '../session.ts';

/** What the box is called, and where it stands. The phone knows the time zone: it is in the installer’s pocket. */
export function NameStep({ onDone }: { onDone: () => void }) {
  const t = texts('firstRun');
  const action = useAction();
  const zones = useRead<{ zones: string[] }>('/api/time-zones').value.value?.zones;
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const before = settings.value;
  const [name, setName] = useState(before && before.name !== 'Walleye' ? before.name : '');
  const [zone, setZone] = useState(mine);
  const submit = async (event: Event) => {
    event.preventDefault();
    const patch: SettingsPatch = {
      name: name.trim() || 'Walleye',
      time_zone: zone,
      language: language.peek(),
    };
    const answer = await action.send<Settings>('PATCH', '/api/settings', patch);
    if (!answer.ok) return;
    await readSettings();
    onDone();
  };
  const known = [...new Set([mine, zone, ...(zones ?? [])])];
  return (
    <form class="card first-run-form" onSubmit={submit}>
      <h1>{t('nameTitle')}</h1>
      <p class="lead">{t('nameLead')}</p>
      <TextField
        label={t('boxName')}
        value={name}
        onInput={setName}
        placeholder={t('boxNameExample')}
        maxLength={64}
        autoComplete="off"
      />
      <SelectField
        label={t('timeZone')}
        hint={t('timeZoneHint', {
          time: new Intl.DateTimeFormat(language.value, {
            timeZone: zone,
            hour: '2-digit',
            minute: '2-digit',
            hourCycle: 'h23',
          }).format(new Date()),
        })}
        value={zone}
        onInput={setZone}
        choices={known.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
      />
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button type="submit" kind="primary" busy={action.busy}>
        {t('goOn')}
      </Button>
    </form>
  );
}
