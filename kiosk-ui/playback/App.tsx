import { useEffect } from 'preact/hooks';
import { readSession, session, settings, unreachable } from '../admin/session.ts';
import { SignIn } from '../admin/signIn/SignIn.tsx';
import { texts } from '../i18n/i18n.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { Page } from './Page.tsx';

/** Milliseconds between two attempts while the daemon does not answer. */
const RETRY = 2_000;

/** Who may see recordings: everybody who is signed in. */
export function App() {
  const t = texts('playback');
  const c = texts('common');
  const now = session.value;
  const away = now === undefined ? unreachable.value : now.role !== null && settings.value === undefined;
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => void readSession(), RETRY);
    return () => clearInterval(timer);
  }, [away]);
  useEffect(() => {
    // The first administrator is made elsewhere.
    if (now?.auth_required && !now.paired) location.replace('/admin');
  }, [now]);
  if (now === undefined) return unreachable.value ? <p class="alone">{c('offline')}</p> : <Waiting alone />;
  if (now.role === null) return <SignIn lead={t('signInLead', { name: location.hostname })} />;
  // Every time on the page is of the box's time zone.
  if (settings.value === undefined) return <Waiting alone />;
  return <Page />;
}
