import type { Settings, SettingsPatch } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useAction } from '../act.ts';
import { readSettings, settings } from '../session.ts';

export function DoneStep() {
  const t = texts('firstRun');
  const action = useAction();
  const finish = async () => {
    const body: SettingsPatch = { setup_done: true };
    const answer = await action.send<Settings>('PATCH', '/api/settings', body);
    if (answer.ok) await readSettings();
  };
  return (
    <section class="card first-run-form">
      <h1>{t('doneTitle', { name: settings.value?.name ?? 'Walleye' })}</h1>
      <p class="lead">{t('doneLead')}</p>
      <ul class="first-run-next">
        <li>{t('doneArrange')}</li>
        <li>{t('doneAdvice')}</li>
        <li>{t('doneUsers')}</li>
      </ul>
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button kind="primary" busy={action.busy} onClick={() => void finish()}>
        {t('doneOpen')}
      </Button>
    </section>
  );
}
