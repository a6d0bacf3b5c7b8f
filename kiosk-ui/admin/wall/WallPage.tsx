import { texts } from '../../i18n/i18n.ts';

export function WallPage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('wall')}</h1>
    </section>
  );
}
