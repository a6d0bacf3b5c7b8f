import type { Alarm, AlarmRaise, AlarmList as Alarms, Camera } from '../../../daemon/schema.ts';
import { moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useAction } from '../act.ts';
import { alarms } from '../live.ts';
import { useRead } from '../read.ts';

const RECENT = 20;

/** What is going on, what was, and a way to try the rules. */
export function AlarmList({ cameras }: { cameras: readonly Camera[] }) {
  const t = texts('alarms');
  const reading = useRead<Alarms>('/api/alarms', { when: [alarms] });
  const action = useAction();
  const name = (id: string) => cameras.find((camera) => camera.id === id)?.name ?? id;
  const first = cameras[0];
  const list = reading.value.value;
  return (
    <section class="card">
      <div class="page-head">
        <h2>{t('now')}</h2>
        {first && (
          <Button
            busy={action.busy}
            onClick={() =>
              void action.send('POST', '/api/alarms', {
                camera: first.id,
                topic: 'motion',
                message: t('testMessage'),
              } satisfies AlarmRaise)
            }
          >
            {t('test', { name: first.name })}
          </Button>
        )}
      </div>
      {action.failure && <ErrorNote failure={action.failure} />}
      {alarms.value.length === 0 && <p class="soft">{t('none')}</p>}
      <ul class="alarms-list">
        {alarms.value.map((alarm) => (
          <li key={alarm.id} data-active>
            <Line alarm={alarm} name={name(alarm.camera)} />
            <Button
              kind="quiet"
              onClick={() => void action.send('DELETE', `/api/alarms/${encodeURIComponent(alarm.id)}`)}
            >
              {t('acknowledge')}
            </Button>
          </li>
        ))}
      </ul>
      {list && list.recent.length > 0 && (
        <details>
          <summary>{t('recent')}</summary>
          <ul class="alarms-list">
            {list.recent.slice(0, RECENT).map((alarm) => (
              <li key={alarm.id}>
                <Line alarm={alarm} name={name(alarm.camera)} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Line({ alarm, name }: { alarm: Alarm; name: string }) {
  const t = texts('alarms');
  return (
    <p>
      <time dateTime={new Date(alarm.since * 1000).toISOString()}>{moment(alarm.since)}</time>{' '}
      <strong>{name}</strong> {t(`topic:${alarm.topic}`)}
      {alarm.events > 1 && ` ×${alarm.events}`} <span class="soft">{alarm.message}</span>
    </p>
  );
}
