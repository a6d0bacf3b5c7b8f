import type { Wall } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { isUsed, usesOf, wallWithout } from './uses.ts';

/** Asks first; a layout that the wall shows is taken out of the wall on the way, after saying where it is. */
export function DeleteLayout({ name, onClose }: { name: string; onClose: () => void }) {
  const t = texts('layouts');
  const c = texts('common');
  const action = useAction();
  const reading = useRead<Wall>('/api/wall', { when: [changes.wall] });
  const wall = reading.value.value;
  const uses = wall ? usesOf(wall, name) : undefined;
  const used = uses !== undefined && isUsed(uses);
  const places = uses
    ? [
        ...(uses.usual ? [t('inSequence')] : []),
        ...(uses.scheduled > 0 ? [t('inSchedule', { count: uses.scheduled })] : []),
      ]
    : [];
  const remove = async () => {
    const now = await request<Wall>('GET', '/api/wall');
    if (now.ok && isUsed(usesOf(now.value, name))) {
      const taken = await action.send('PUT', '/api/wall', wallWithout(now.value, name));
      if (!taken.ok) return;
    }
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
          <Button kind="danger" busy={action.busy} disabled={!wall} onClick={() => void remove()}>
            {used ? t('takeOutAndDelete') : c('delete')}
          </Button>
        </>
      }
    >
      {!wall && !reading.failure.value && <Waiting />}
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {used ? (
        <>
          <p>{t('inUse')}</p>
          <ul>
            {places.map((place) => (
              <li key={place}>{place}</li>
            ))}
          </ul>
          {wallWithout(wall!, name).sequence.length === 0 && <p class="note warning">{t('wallEmptied')}</p>}
        </>
      ) : (
        wall && <p>{t('deleteText')}</p>
      )}
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}
