import { useEffect, useState } from 'preact/hooks';
import type { Language, Settings, SettingsPatch } from '../../../daemon/schema.ts';
import { LANGUAGES, texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { SelectField, TextField } from '../../parts/Field.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';
import { readSettings, settings } from '../session.ts';

/** Name, time zone and language of the box itself. */
export function BoxPart() {
  const t = texts('system');
  const c = texts('common');
  const action = useAction();
  const zones = useRead<{ zones: string[] }>('/api/time-zones').value.value?.zones ?? [];
  const now = settings.value;
  const [name, setName] = useState(now?.name ?? '');
  const [zone, setZone] = useState(now?.time_zone ?? 'UTC');
  const [language, setLanguage] = useState<Language | 'auto'>(now?.language ?? 'auto');
  // Somebody else changed it meanwhile, and nothing was typed here that this could overwrite.
  useEffect(() => {
    if (!now || action.busy) return;
    setName(now.name);
    setZone(now.time_zone);
    setLanguage(now.language ?? 'auto');
  }, [now]);
  if (!now) return null;
  const patch: SettingsPatch = {
    ...(name.trim() === now.name ? {} : { name: name.trim() }),
    ...(zone === now.time_zone ? {} : { time_zone: zone }),
    ...((language === 'auto' ? null : language) === now.language
      ? {}
      : { language: language === 'auto' ? null : language }),
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await action.send<Settings>('PATCH', '/api/settings', patch);
    if (!answer.ok) return;
    await readSettings();
    toast(c('saved'));
  };
  return (
    <form class="card" onSubmit={submit}>
      <h2>{t('box')}</h2>
      <div class="system-columns">
        <TextField label={t('name')} value={name} onInput={setName} maxLength={64} required />
        <SelectField
          label={t('timeZone')}
          value={zone}
          onInput={setZone}
          choices={[...new Set([zone, ...zones])].map((value) => ({
            value,
            label: value.replaceAll('_', ' '),
          }))}
        />
        <SelectField
          label={t('screenLanguage')}
          value={language}
          onInput={setLanguage}
          choices={[
            { value: 'auto' as const, label: t('languageAuto') },
            ...LANGUAGES.map(({ code, name: label }) => ({ value: code, label })),
          ]}
        />
      </div>
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button
        type="submit"
        kind="primary"
        busy={action.busy}
        disabled={Object.keys(patch).length === 0 || name.trim() === ''}
      >
        {c('save')}
      </Button>
    </form>
  );
}
