import type { SignedIn } from '../../../daemon/schema.ts';
import { moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { browserName } from './browserName.ts';

/** Where people are signed in, and the way to end it: a lost phone. */
export function SessionsPart() {
  const t = texts('people');
  const reading = useRead<{ sessions: SignedIn[] }>('/api/sessions', { when: [changes.session] });
  const action = useAction();
  const end = async (id: string) => {
    await action.send('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
    reading.again();
  };
  const sessions = reading.value.value?.sessions ?? [];
  if (sessions.length === 0 && !reading.failure.value) return null;
  return (
    <section class="card">
      <h2>{t('sessions')}</h2>
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {action.failure && <ErrorNote failure={action.failure} />}
      <ul class="people-list">
        {sessions.map((one) => (
          <li key={one.id}>
            <div>
              <strong>{one.user}</strong>
              {one.current && <span class="people-you">{t('here')}</span>}
              <p class="soft">
                {[browserName(one.browser), one.address, t('lastSeen', { time: moment(one.last_seen) })]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </div>
            {!one.current && (
              <Button kind="quiet" busy={action.busy} onClick={() => void end(one.id)}>
                {t('endSession')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
