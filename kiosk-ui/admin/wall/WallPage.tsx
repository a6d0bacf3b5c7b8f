import './wallPage.css';
import '../layouts/layouts.css';
import { useState } from 'preact/hooks';
import type { ScreenWallList } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { DisplayPart } from './DisplayPart.tsx';
import { FollowPart } from './FollowPart.tsx';
import { ProgrammePart } from './ProgrammePart.tsx';
import { ScreenChoice } from './ScreenChoice.tsx';

/** Milliseconds: another monitor was plugged in meanwhile. */
const EVERY = 15_000;

/** What the screens show when. One screen is the usual case, and nothing is said of others then. */
export function WallPage() {
  const c = texts('common');
  const reading = useRead<ScreenWallList>('/api/walls', { when: [changes.wall], every: EVERY });
  const walls = reading.value.value?.walls;
  const [wish, setWish] = useState(1);
  const [unsaved, setUnsaved] = useState(false);
  const shown = walls?.find(({ screen }) => screen === wish) ?? walls?.[0];
  if (!walls || !shown)
    return (
      <section class="page">
        <h1>{c('wall')}</h1>
        {reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : <Waiting />}
      </section>
    );
  const { screen, own, wall } = shown;
  return (
    <section class="page wall-page">
      <h1>{c('wall')}</h1>
      {walls.length > 1 && (
        <ScreenChoice
          screens={walls.map((one) => one.screen)}
          chosen={screen}
          locked={unsaved}
          onChoose={setWish}
        />
      )}
      {screen > 1 && <FollowPart screen={screen} own={own} wall={wall} onDone={reading.again} />}
      {own && (
        <ProgrammePart
          key={screen}
          screen={screen}
          saved={wall}
          onSaved={reading.again}
          onUnsaved={setUnsaved}
        />
      )}
      <DisplayPart />
    </section>
  );
}
