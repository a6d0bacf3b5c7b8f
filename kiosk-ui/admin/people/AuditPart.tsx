import { useState } from 'preact/hooks';
import type { AuditEntry } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import { exactly, moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { useRead } from '../read.ts';
import { doneText, whoText } from './auditWords.ts';

const PAGE = 50;

/** Who changed what, the newest first. */
export function AuditPart() {
  const t = texts('people');
  const reading = useRead<{ entries: AuditEntry[] }>(`/api/audit?limit=${PAGE}`);
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const [whole, setWhole] = useState(false);
  const first = reading.value.value?.entries ?? [];
  const entries = [...first, ...older.filter(({ id }) => id < (first.at(-1)?.id ?? Infinity))];
  const more = async () => {
    const before = entries.at(-1)?.id;
    const answer = await request<{ entries: AuditEntry[] }>(
      'GET',
      `/api/audit?limit=${PAGE}&before=${before}`,
    );
    if (!answer.ok) return;
    setOlder([...older, ...answer.value.entries]);
    setWhole(answer.value.entries.length < PAGE);
  };
  return (
    <section class="card">
      <h2>{t('audit')}</h2>
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {entries.length > 0 && (
        <div class="people-scroller">
          <table class="people-audit">
            <thead>
              <tr>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('who')}</th>
                <th scope="col">{t('what')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td title={exactly(entry.time)}>{moment(entry.time)}</td>
                  <td title={entry.address ?? undefined}>{whoText(entry.who)}</td>
                  <td>
                    <span title={entry.action}>{doneText(entry.action) ?? <code>{entry.action}</code>}</span>{' '}
                    <b>{entry.target}</b> <span class="soft">{entry.detail}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!whole && entries.length >= PAGE && <Button onClick={() => void more()}>{t('older')}</Button>}
    </section>
  );
}
