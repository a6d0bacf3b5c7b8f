import { texts } from '../../i18n/i18n.ts';
import { Finder } from './Finder.tsx';

export function AddCamerasPage() {
  const t = texts('cameras');
  const c = texts('common');
  return (
    <section class="page">
      <div class="page-head">
        <h1>{t('addTitle')}</h1>
        <a class="button" href="/admin/cameras">
          {c('done')}
        </a>
      </div>
      <Finder />
    </section>
  );
}
