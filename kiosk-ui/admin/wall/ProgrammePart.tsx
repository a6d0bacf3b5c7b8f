import { useEffect, useState } from 'preact/hooks';
import type { Layout, Wall } from '../../../daemon/schema.ts';
import { timeZone } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { ConflictNote } from '../layouts/ConflictNote.tsx';
import { UnsavedGuard } from '../layouts/UnsavedGuard.tsx';
import { useMine } from '../layouts/useMine.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { NowPart } from './NowPart.tsx';
import { isValid, sameWall } from './programme.ts';
import { SchedulePart, ScreenOffPart } from './SchedulePart.tsx';
import { SequenceEditor } from './SequenceEditor.tsx';

/** One screen's programme: what takes turns, the week, the dark hours. */
export function ProgrammePart({
  screen,
  saved,
  onSaved,
  onUnsaved,
}: {
  screen: number;
  saved: Wall;
  onSaved: () => void;
  onUnsaved: (unsaved: boolean) => void;
}) {
  const t = texts('wallPage');
  const c = texts('common');
  const layouts =
    useRead<{ layouts: Layout[] }>('/api/layouts', { when: [changes.layouts] }).value.value?.layouts ?? [];
  const action = useAction();
  const [wall, setWall] = useState<Wall>(saved);
  const mine = useMine<Wall>({ theirs: saved, mine: wall, same: sameWall, adopt: setWall });
  useEffect(() => onUnsaved(mine.unsaved), [mine.unsaved]);
  useEffect(() => () => onUnsaved(false), []);
  const save = async () => {
    mine.sending(wall);
    const answer = await action.send<Wall>('PUT', screen === 1 ? '/api/wall' : `/api/walls/${screen}`, wall);
    if (!answer.ok) return;
    mine.saved(wall);
    onSaved();
    toast(c('saved'));
  };
  return (
    <>
      <NowPart wall={saved} />
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
      <UnsavedGuard unsaved={mine.unsaved} />
    </>
  );
}
