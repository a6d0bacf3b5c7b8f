import { texts } from '../../i18n/i18n.ts';

export function CameraPage() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('cameras')}</h1>
    </section>
  );
}
