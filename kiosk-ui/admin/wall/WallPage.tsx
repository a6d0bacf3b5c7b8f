import './wallPage.css';
import '../layouts/layouts.css';
import { useState } from 'preact/hooks';
import type { Layout, Wall } from '../../../daemon/schema.ts';
import { timeZone } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { ConflictNote } from '../layouts/ConflictNote.tsx';
import { UnsavedGuard } from '../layouts/UnsavedGuard.tsx';
import { useMine } from '../layouts/useMine.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { DisplayPart } from './DisplayPart.tsx';
import { NowPart } from './NowPart.tsx';
import { isValid, sameWall } from './programme.ts';
import { SchedulePart, ScreenOffPart } from './SchedulePart.tsx';
import { SequenceEditor } from './SequenceEditor.tsx';

/** What the screen shows when. */
export function WallPage() {
  const t = texts('wallPage');
  const c = texts('common');
  const reading = useRead<Wall>('/api/wall', { when: [changes.wall] });
  const layouts =
    useRead<{ layouts: Layout[] }>('/api/layouts', { when: [changes.layouts] }).value.value?.layouts ?? [];
  const action = useAction();
  const [wall, setWall] = useState<Wall>();
  const saved = reading.value.value;
  const mine = useMine<Wall>({ theirs: saved, mine: wall, same: sameWall, adopt: setWall });
  if (!wall || !saved)
    return (
      <section class="page">
        <h1>{c('wall')}</h1>
        {reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : <Waiting />}
      </section>
    );
  const save = async () => {
    mine.sending(wall);
    const answer = await action.send<Wall>('PUT', '/api/wall', wall);
    if (!answer.ok) return;
    mine.saved(wall);
    reading.again();
    toast(c('saved'));
  };
  return (
    <section class="page wall-page">
      <div>
        <h1>{c('wall')}</h1>
        <NowPart wall={saved} />
      </div>
      <ConflictNote mine={mine} text={t('conflict')} />
      <section class="card">
        <h2>{t('usual')}</h2>
        <p class="soft">{t('usualLead')}</p>
        <SequenceEditor
          sequence={wall.sequence}
          layouts={layouts}
          label={t('usual')}
          onInput={(sequence) => setWall({ ...wall, sequence })}
        />
      </section>
      <SchedulePart
        wall={wall}
        layouts={layouts}
        zone={(timeZone.value ?? 'UTC').replaceAll('_', ' ')}
        onInput={setWall}
      />
      <ScreenOffPart wall={wall} onInput={setWall} />
      {(mine.unsaved || action.failure) && (
        <div class="wall-save">
          {action.failure && <ErrorNote failure={action.failure} />}
          {isValid(wall) ? (
            <span>{c('unsaved')}</span>
          ) : (
            <span class="fault" role="alert">
              {t('notComplete')}
            </span>
          )}
          <Button onClick={() => setWall(saved)}>{c('discard')}</Button>
          <Button kind="primary" busy={action.busy} disabled={!isValid(wall)} onClick={() => void save()}>
            {c('save')}
          </Button>
        </div>
      )}
      <DisplayPart />
      <UnsavedGuard unsaved={mine.unsaved} />
    </section>
  );
}
