import { texts } from '../../i18n/i18n.ts';

export function LayoutsPage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('layouts')}</h1>
    </section>
  );
}
