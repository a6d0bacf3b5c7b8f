import { useEffect, useMemo, useState } from 'preact/hooks';
import { session } from '../admin/session.ts';
import type { Failure } from '../api/request.ts';
import { texts } from '../i18n/i18n.ts';
import { ErrorNote } from '../parts/ErrorNote.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { addressOf, type Place, placeOf } from './address.ts';
import { type Beginning, readBeginning } from './beginning.ts';
import { Desk } from './Desk.tsx';
import { Deck } from './deck.ts';
import { Head } from './Head.tsx';

/** Milliseconds. */
const RETRY = 3_000;

/** Reads what there is, and opens the desk with it. */
export function Page() {
  const t = texts('playback');
  const place = useMemo(() => placeOf(location.search), []);
  const [begun, setBegun] = useState<Beginning | Failure>();
  useEffect(() => {
    document.title = `${t('title')} – Walleye`;
  });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    void readBeginning(place, Date.now() / 1000).then((answer) => {
      setBegun(answer);
      if ('ok' in answer) timer = setTimeout(() => setTries(tries + 1), RETRY);
    });
    return () => clearTimeout(timer);
  }, [tries]);
  if (!begun)
    return (
      <Framed>
        <Waiting />
      </Framed>
    );
  if ('ok' in begun)
    return (
      <Framed>
        <ErrorNote failure={begun} />
      </Framed>
    );
  if (begun.recorded.size === 0 && !place.wall)
    return (
      <Framed>
        <Empty />
      </Framed>
    );
  return <Opened begun={begun} place={place} />;
}

function Opened({ begun, place }: { begun: Beginning; place: Place }) {
  const deck = useMemo(() => {
    const made = new Deck(begun.at, begun.length);
    if (!place.wall) made.show(begun.chosen.map((camera) => ({ camera })));
    return made;
  }, []);
  useEffect(() => () => deck.close(), []);
  const [wall, setWall] = useState(place.wall ? place.screen : undefined);
  useAddress(deck, wall);
  return <Desk deck={deck} begun={begun} wall={wall} setWall={setWall} />;
}

/** The address shows another the same. Browsers allow a hundred changes of it in half a minute. */
function useAddress(deck: Deck, wall: number | undefined): void {
  useEffect(() => {
    const write = () => {
      const cameras = wall === undefined ? deck.cameras.peek() : [];
      // Live is no moment that one could come back to.
      const at = deck.live.peek() ? undefined : deck.at.peek();
      const next = addressOf({ cameras: [...cameras], wall: wall !== undefined, screen: wall ?? 1, at });
      if (next !== location.search) history.replaceState(null, '', location.pathname + next);
    };
    const timer = setInterval(write, 1_000);
    write();
    return () => clearInterval(timer);
  }, [deck, wall]);
}

function Framed({ children }: { children: preact.ComponentChildren }) {
  return (
    <div class="desk plain">
      <Head />
      <main class="alone-inside">{children}</main>
    </div>
  );
}

/** Nothing was ever recorded: what to do about it. */
function Empty() {
  const t = texts('playback');
  const isAdmin = session.value?.role === 'admin';
  return (
    <section class="empty">
      <Icon name="playback" />
      <h1>{t('emptyTitle')}</h1>
      <p class="lead">{t(isAdmin ? 'emptyAdmin' : 'emptyViewer')}</p>
      {isAdmin && (
        <a class="button primary" href="/admin/recording">
          {t('toRecording')}
        </a>
      )}
    </section>
  );
}
