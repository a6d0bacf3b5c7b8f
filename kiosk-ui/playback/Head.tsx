import { session, settings, signOut } from '../admin/session.ts';
import { texts } from '../i18n/i18n.ts';
import { Icon } from '../parts/Icon.tsx';
import { LanguageChoice } from '../parts/LanguageChoice.tsx';

/** The way back to the wall and to the administration. */
export function Head() {
  const t = texts('playback');
  const c = texts('common');
  return (
    <header class="head">
      <a class="skip" href="#tiles">
        {c('skipToContent')}
      </a>
      <p class="head-name">
        <strong>{settings.value?.name ?? 'Walleye'}</strong> <span>{t('title')}</span>
      </p>
      <nav class="head-links" aria-label={c('menu')}>
        <LanguageChoice />
        <a class="button quiet" href="/">
          <Icon name="screen" />
          <span>{t('wall')}</span>
        </a>
        {session.value?.role === 'admin' && (
          <a class="button quiet" href="/admin/recording">
            <Icon name="system" />
            <span>{t('admin')}</span>
          </a>
        )}
        {session.value?.kind === 'user' && (
          <button type="button" class="button quiet" onClick={() => void signOut()}>
            <Icon name="signOut" />
            <span>{c('signOut')}</span>
          </button>
        )}
      </nav>
    </header>
  );
}
