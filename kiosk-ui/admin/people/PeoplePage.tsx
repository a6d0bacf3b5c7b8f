import { texts } from '../../i18n/i18n.ts';

export function PeoplePage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('people')}</h1>
    </section>
  );
}
