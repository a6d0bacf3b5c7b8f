import { texts } from '../../i18n/i18n.ts';

export function SystemPage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('system')}</h1>
    </section>
  );
}
