import { useState } from 'preact/hooks';
import type { Wall } from '../../../daemon/schema.ts';
import { timeZone } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { localTime, scheduledEntry } from '../../wall/schedule.ts';
import { useAction } from '../act.ts';
import { wallShowing } from './uses.ts';

/** Saves, and puts the layout on the wall: alone, or in turn with what is there. */
export function ShowOnWall({
  name,
  wall,
  save,
  busy,
  onDone,
}: {
  name: string;
  wall: Wall | undefined;
  /** Whether it is saved now. */
  save: () => Promise<boolean>;
  busy: boolean;
  onDone: () => void;
}) {
  const t = texts('layouts');
  const action = useAction();
  const [asking, setAsking] = useState(false);
  if (!wall) return null;
  const others = wall.sequence.filter(({ layout }) => layout !== name);
  const alone = others.length === 0;
  if (alone && wall.sequence.length > 0) return null;
  const scheduled = scheduledEntry(wall, localTime(Date.now(), timeZone.value)) >= 0;
  const put = async (how: 'alone' | 'inTurn') => {
    if (!(await save())) return setAsking(false);
    const answer = await action.send<Wall>('PUT', '/api/wall', wallShowing(wall, name, how));
    if (!answer.ok) return setAsking(true);
    setAsking(false);
    toast(scheduled ? t('onWallLater') : t('onWallNow'));
    onDone();
  };
  return (
    <>
      <Button busy={busy || action.busy} onClick={() => (alone ? void put('alone') : setAsking(true))}>
        <Icon name="screen" />
        {t('showNow')}
      </Button>
      {asking && (
        <Dialog
          title={t('showNow')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button busy={action.busy} onClick={() => void put('inTurn')}>
                {t('showInTurn')}
              </Button>
              <Button kind="primary" busy={action.busy} onClick={() => void put('alone')}>
                {t('showAlone')}
              </Button>
            </>
          }
        >
          <p>{t('wallShowsOthers', { names: others.map(({ layout }) => layout).join(', ') })}</p>
          {scheduled && <p class="note warning">{t('scheduledNow')}</p>}
          {action.failure && <ErrorNote failure={action.failure} />}
        </Dialog>
      )}
    </>
  );
}
