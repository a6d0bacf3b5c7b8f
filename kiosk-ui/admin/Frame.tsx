import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { texts } from '../i18n/i18n.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { LanguageChoice } from '../parts/LanguageChoice.tsx';
import { ToastBoard } from '../parts/toast.tsx';
import { connected } from './live.ts';
import { session, settings, signOut } from './session.ts';

const PARTS = [
  'cameras',
  'layouts',
  'wall',
  'recording',
  'alarms',
  'people',
  'system',
] as const satisfies readonly IconName[];

/** Navigation around every page: a bar at the bottom of a phone, a column beside a desktop’s page. */
export function Frame({ children }: { children: ComponentChildren }) {
  const t = texts('common');
  const { path } = useLocation();
  const here = path.split('/')[2] ?? 'cameras';
  return (
    <div class="frame">
      <a class="skip" href="#content">
        {t('skipToContent')}
      </a>
      <header class="top">
        <p class="box-name">{settings.value?.name ?? 'Walleye'}</p>
        <div class="top-actions">
          <LanguageChoice />
          <a class="button quiet" href="/playback" target="_blank" rel="noreferrer">
            <Icon name="playback" />
            <span>{t('playback')}</span>
          </a>
          <a class="button quiet" href="/" target="_blank" rel="noreferrer">
            <Icon name="screen" />
            <span>{t('openWall')}</span>
          </a>
          {session.value?.kind === 'user' && (
            <button type="button" class="button quiet" onClick={() => void signOut()}>
              <Icon name="signOut" />
              <span>{t('signOut')}</span>
            </button>
          )}
        </div>
      </header>
      <nav class="parts" aria-label={t('menu')}>
        {PARTS.map((part) => (
          <a key={part} href={`/admin/${part}`} aria-current={part === here ? 'page' : undefined}>
            <Icon name={part} />
            <span>{t(part)}</span>
          </a>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        {!connected.value && (
          <p class="note warning" role="status">
            {t('offline')}
          </p>
        )}
        {children}
      </main>
      <ToastBoard />
    </div>
  );
}
