import { texts } from '../../i18n/i18n.ts';

export function FirstRun() {
  const t = texts('common');
  return <main class="alone">{t('loading')}</main>;
}
