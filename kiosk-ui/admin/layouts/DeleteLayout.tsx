import type { ScreenWallList } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { changeWalls } from './changeWalls.ts';
import { isUsed, usesOnWalls, wallWithout } from './uses.ts';

/** Asks first; a layout that the wall shows is taken out of the wall on the way, after saying where it is. */
export function DeleteLayout({ name, onClose }: { name: string; onClose: () => void }) {
  const t = texts('layouts');
  const c = texts('common');
  const action = useAction();
  const reading = useRead<ScreenWallList>('/api/walls', { when: [changes.wall] });
  const walls = reading.value.value?.walls;
  const uses = walls ? usesOnWalls(walls, name) : undefined;
  const used = uses !== undefined && isUsed(uses);
  const places = uses
    ? [
        ...(uses.usual ? [t('inSequence')] : []),
        ...(uses.scheduled > 0 ? [t('inSchedule', { count: uses.scheduled })] : []),
      ]
    : [];
  const emptied = (walls ?? []).some(
    ({ own, wall }) => own && wall.sequence.length > 0 && wallWithout(wall, name).sequence.length === 0,
  );
  const remove = async () => {
    if (!(await changeWalls(action, name, (wall) => wallWithout(wall, name)))) return;
    const answer = await action.send('DELETE', `/api/layouts/${name}`);
    if (!answer.ok && answer.status !== 404) return;
    toast(t('deleted', { name }));
    onClose();
  };
  return (
    <Dialog
      title={t('deleteTitle', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button kind="danger" busy={action.busy} disabled={!walls} onClick={() => void remove()}>
            {used ? t('takeOutAndDelete') : c('delete')}
          </Button>
        </>
      }
    >
      {!walls && !reading.failure.value && <Waiting />}
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {used ? (
        <>
          <p>{t('inUse')}</p>
          <ul>
            {places.map((place) => (
              <li key={place}>{place}</li>
            ))}
          </ul>
          {emptied && <p class="note warning">{t('wallEmptied')}</p>}
        </>
      ) : (
        walls && <p>{t('deleteText')}</p>
      )}
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}
