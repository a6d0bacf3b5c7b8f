import type { ServiceDay, ServiceRecord } from '../../../daemon/schema.ts';
import { duration, moment, number } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useRead } from '../read.ts';

/** Milliseconds. */
const EVERY = 30_000;
const ERRORS = 8;

/** How the camera did over the last thirty days: a camera that fails a little every day is found here. */
export function RecordPart({ camera }: { camera: string }) {
  const t = texts('cameras');
  const reading = useRead<ServiceRecord>(`/api/cameras/${encodeURIComponent(camera)}/record`, {
    every: EVERY,
  });
  const record = reading.value.value;
  const sum = (field: 'connects' | 'unchanged' | 'repairs' | 'stalled_seconds') =>
    record?.days.reduce((total, day) => total + day[field], 0) ?? 0;
  return (
    <section class="card">
      <h2>{t('record')}</h2>
      {reading.failure.value && !record && <ErrorNote failure={reading.failure.value} />}
      {record && (
        <>
          <dl class="cameras-figures">
            <div>
              <dt>{t('uptime')}</dt>
              <dd>{record.uptime_percent === null ? '–' : `${number(record.uptime_percent, 2)} %`}</dd>
            </div>
            <div>
              <dt>{t('connects')}</dt>
              <dd>{number(sum('connects'))}</dd>
            </div>
            <div>
              <dt>{t('stalled')}</dt>
              <dd>{duration(sum('stalled_seconds'))}</dd>
            </div>
            <div>
              <dt>{t('unchanged')}</dt>
              <dd>{number(sum('unchanged'))}</dd>
            </div>
            <div>
              <dt>{t('repairs')}</dt>
              <dd>{number(sum('repairs'))}</dd>
            </div>
          </dl>
          <Days days={record.days} />
          {record.errors.length === 0 ? (
            <p class="soft">{t('noErrors')}</p>
          ) : (
            <ol class="cameras-errors">
              {record.errors.slice(0, ERRORS).map((error) => (
                <li key={`${error.time} ${error.code}`}>
                  <time dateTime={new Date(error.time * 1000).toISOString()}>{moment(error.time)}</time>{' '}
                  {error.message}
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </section>
  );
}

/** A bar a day, the oldest left: as high as the share of wanted time in which there were pictures. */
function Days({ days }: { days: readonly ServiceDay[] }) {
  const t = texts('cameras');
  if (days.length === 0) return null;
  return (
    <ol class="cameras-days" aria-label={t('recordDays')}>
      {[...days].reverse().map((day) => {
        const share = day.wanted_seconds === 0 ? undefined : day.live_seconds / day.wanted_seconds;
        const said = share === undefined ? t('notWanted') : `${number(Math.min(share, 1) * 100, 1)} %`;
        return (
          <li
            key={day.day}
            title={`${day.day}: ${said}`}
            data-bad={share !== undefined && share < 0.99 ? '' : undefined}
          >
            <span style={{ height: `${(share ?? 0) * 100}%` }} />
            <span class="visually-hidden">{`${day.day}: ${said}`}</span>
          </li>
        );
      })}
    </ol>
  );
}
