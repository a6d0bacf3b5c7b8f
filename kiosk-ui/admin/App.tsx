import { useEffect } from 'preact/hooks';
import { LocationProvider, Route, Router } from 'preact-iso';
import { texts } from '../i18n/i18n.ts';
import { Button } from '../parts/Button.tsx';
import { ErrorNote } from '../parts/ErrorNote.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { AlarmsPage } from './alarms/AlarmsPage.tsx';
import { AddCamerasPage } from './cameras/AddCamerasPage.tsx';
import { CameraPage } from './cameras/CameraPage.tsx';
import { CamerasPage } from './cameras/CamerasPage.tsx';
import { Frame } from './Frame.tsx';
import { FirstRun } from './firstRun/FirstRun.tsx';
import { LayoutPage } from './layouts/LayoutPage.tsx';
import { LayoutsPage } from './layouts/LayoutsPage.tsx';
import { listen } from './live.ts';
import { PeoplePage } from './people/PeoplePage.tsx';
import { RecordingPage } from './recording/RecordingPage.tsx';
import { readSession, session, settings, signOut, unreachable } from './session.ts';
import { SignIn } from './signIn/SignIn.tsx';
import { SystemPage } from './system/SystemPage.tsx';
import { WallPage } from './wall/WallPage.tsx';

/** Milliseconds between two attempts while the daemon does not answer. */
const RETRY = 2_000;

/** Who may see what: first run, sign in, or the page itself. */
export function App() {
  const t = texts('common');
  const away = unreachable.value && session.value === undefined;
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => void readSession(), RETRY);
    return () => clearInterval(timer);
  }, [away]);

  const now = session.value;
  if (now === undefined) return away ? <p class="alone">{t('offline')}</p> : <Waiting alone />;
  if (now.auth_required && !now.paired) return <FirstRun />;
  if (now.role === null) return <SignIn />;
  if (now.role !== 'admin')
    return (
      <main class="alone">
        <ErrorNote message={t('notAllowed')} />
        <Button onClick={() => void signOut()}>{t('signOut')}</Button>
      </main>
    );
  if (settings.value === undefined) return <Waiting alone />;
  if (!settings.value.setup_done) return <FirstRun />;
  return <Pages />;
}

function Pages() {
  useEffect(listen, []);
  return (
    <LocationProvider scope="/admin">
      <Frame>
        <Router>
          <Route path="/admin" component={CamerasPage} />
          <Route path="/admin/cameras" component={CamerasPage} />
          <Route path="/admin/cameras/add" component={AddCamerasPage} />
          <Route path="/admin/cameras/:id" component={CameraPage} />
          <Route path="/admin/layouts" component={LayoutsPage} />
          <Route path="/admin/layouts/:name" component={LayoutPage} />
          <Route path="/admin/wall" component={WallPage} />
          <Route path="/admin/recording" component={RecordingPage} />
          <Route path="/admin/alarms" component={AlarmsPage} />
          <Route path="/admin/people" component={PeoplePage} />
          <Route path="/admin/system" component={SystemPage} />
          <Route path="/admin/system/:part" component={SystemPage} />
          <Route default component={NotFound} />
        </Router>
      </Frame>
    </LocationProvider>
  );
}

function NotFound() {
  const t = texts('common');
  return (
    <section class="page">
      <h1>{t('notFoundTitle')}</h1>
      <p>{t('notFoundText')}</p>
      <a class="button" href="/admin/cameras">
        {t('toCameras')}
      </a>
    </section>
  );
}
