import { useEffect, useMemo, useState } from 'preact/hooks';
import { timeZone } from '../i18n/format.ts';
import { type TextKey, texts } from '../i18n/i18n.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorNote } from '../parts/ErrorNote.tsx';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { ToastBoard } from '../parts/toast.tsx';
import type { Beginning } from './beginning.ts';
import { CalendarPart } from './CalendarPart.tsx';
import { CamerasPart } from './CamerasPart.tsx';
import { Controls } from './Controls.tsx';
import type { Deck } from './deck.ts';
import { EventsPart } from './EventsPart.tsx';
import { ExportPart } from './ExportPart.tsx';
import { Head } from './Head.tsx';
import { KeysHelp } from './KeysHelp.tsx';
import { Stage } from './Stage.tsx';
import { Timeline } from './Timeline.tsx';
import { useKeys } from './useKeys.ts';
import { useLive } from './useLive.ts';
import { useWallChanges } from './useWallChanges.ts';
import { Replay } from './wallReplay.ts';
import { zoneText } from './zone.ts';

type PartName = 'cameras' | 'day' | 'events' | 'export';
const PARTS: readonly { name: PartName; icon: IconName; text: TextKey<'playback'> }[] = [
  { name: 'cameras', icon: 'cameras', text: 'cameras' },
  { name: 'day', icon: 'calendar', text: 'day' },
  { name: 'events', icon: 'alarms', text: 'events' },
  { name: 'export', icon: 'cut', text: 'export' },
];
/** Above it there is room for everything side by side. */
const WIDE = '(min-width: 60rem)';

/** Videos, timeline and controls; beside them, or on a phone behind a bar of buttons, what one chooses from. */
export function Desk({
  deck,
  begun,
  wall,
  setWall,
}: {
  deck: Deck;
  begun: Beginning;
  /** The screen whose wall is shown as it was; undefined: chosen cameras. */
  wall: number | undefined;
  setWall: (screen: number | undefined) => void;
}) {
  const t = texts('playback');
  const names = useMemo(() => new Map(begun.cameras.map(({ id, name }) => [id, name])), [begun]);
  const replay = useMemo(() => (wall === undefined ? undefined : new Replay(deck, wall)), [deck, wall]);
  useEffect(() => () => replay?.close(), [replay]);
  const [open, setOpen] = useState<PartName | 'keys'>();
  const wide = useMedia(WIDE);
  useKeys(deck);
  useLive(deck, begun.cameras);
  const changes = useWallChanges(deck, wall);
  const part = (name: PartName) => {
    switch (name) {
      case 'cameras':
        return <CamerasPart deck={deck} begun={begun} wall={wall} setWall={setWall} />;
      case 'day':
        return <CalendarPart deck={deck} done={() => setOpen(undefined)} />;
      case 'events':
        return <EventsPart deck={deck} names={names} done={() => setOpen(undefined)} />;
      case 'export':
        return <ExportPart deck={deck} names={names} />;
    }
  };
  const opened = PARTS.find(({ name }) => name === open);
  return (
    <div class="desk">
      <Head />
      <main class="desk-main">
        <h1 class="visually-hidden">{t('title')}</h1>
        <Stage deck={deck} names={names} replay={replay} />
        {deck.data.failure.value && <ErrorNote failure={deck.data.failure.value} />}
        <section class="deck" aria-label={t('timeline')}>
          <Timeline deck={deck} names={names} changes={changes} />
          <Controls deck={deck} names={names} help={() => setOpen('keys')} />
          {!wide && (
            <div class="desk-parts">
              {PARTS.map(({ name, icon, text }) => (
                <button key={name} type="button" onClick={() => setOpen(name)}>
                  <Icon name={icon} />
                  <span>{t(text)}</span>
                </button>
              ))}
            </div>
          )}
        </section>
      </main>
      {wide && (
        <aside class="desk-side" aria-label={t('cameras')}>
          {PARTS.map(({ name, text }) => (
            <section key={name} class="desk-part">
              <h2>{t(text)}</h2>
              {part(name)}
            </section>
          ))}
          <p class="hint">{t('zone', { zone: zoneText(deck.at.value, timeZone.value) })}</p>
        </aside>
      )}
      {!wide && opened && (
        <Dialog title={t(opened.text)} onClose={() => setOpen(undefined)}>
          {part(opened.name)}
        </Dialog>
      )}
      {open === 'keys' && <KeysHelp close={() => setOpen(undefined)} />}
      <ToastBoard />
    </div>
  );
}

function useMedia(query: string): boolean {
  const list = useMemo(() => matchMedia(query), [query]);
  const [matches, setMatches] = useState(list.matches);
  useEffect(() => {
    const changed = () => setMatches(list.matches);
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, [list]);
  return matches;
}
