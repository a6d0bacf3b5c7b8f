import { texts } from '../../i18n/i18n.ts';

export function AlarmsPage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('alarms')}</h1>
    </section>
  );
}
