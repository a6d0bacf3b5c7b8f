import { texts } from '../i18n/i18n.ts';

/** Something is being read; shown only after a moment, so that quick answers do not flicker. */
export function Waiting({ alone = false }: { alone?: boolean }) {
  const t = texts('common');
  return (
    <p class={alone ? 'waiting alone' : 'waiting'} role="status">
      <span class="spinner" aria-hidden="true" />
      {t('loading')}
    </p>
  );
}
