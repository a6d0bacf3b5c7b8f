import { useState } from 'preact/hooks';
import type { Wall } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useAction } from '../act.ts';

/** A further screen shows what the first one shows, or has a programme of its own. */
export function FollowPart({
  screen,
  own,
  wall,
  onDone,
}: {
  screen: number;
  own: boolean;
  wall: Wall;
  onDone: () => void;
}) {
  const t = texts('wallPage');
  const c = texts('common');
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const change = async (method: 'PUT' | 'DELETE') => {
    const answer = await action.send(method, `/api/walls/${screen}`, method === 'PUT' ? wall : undefined);
    if (!answer.ok && answer.status !== 404) return;
    setAsking(false);
    onDone();
  };
  if (own)
    return (
      <div>
        <Button onClick={() => setAsking(true)}>{t('follow')}</Button>
        {asking && (
          <Dialog
            title={t('followTitle', { number: screen })}
            onClose={() => setAsking(false)}
            actions={
              <>
                <Button onClick={() => setAsking(false)}>{c('cancel')}</Button>
                <Button kind="danger" busy={action.busy} onClick={() => void change('DELETE')}>
                  {t('follow')}
                </Button>
              </>
            }
          >
            <p>{t('followText', { number: screen })}</p>
            {action.failure && <ErrorNote failure={action.failure} />}
          </Dialog>
        )}
      </div>
    );
  return (
    <section class="card">
      <p>{t('follows', { number: screen })}</p>
      <Button kind="primary" busy={action.busy} onClick={() => void change('PUT')}>
        {t('giveOwn')}
      </Button>
      {action.failure && <ErrorNote failure={action.failure} />}
    </section>
  );
}
