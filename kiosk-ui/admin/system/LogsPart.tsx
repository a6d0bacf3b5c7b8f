import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogEntry, LogList } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import { exactly, time } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { SelectField } from '../../parts/Field.tsx';

/** Milliseconds. */
const EVERY = 2_000;
const KEPT = 500;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** The daemon’s log as it is written, while somebody looks. */
export function LogsPart() {
  const t = texts('system');
  const [open, setOpen] = useState(false);
  const [level, setLevel] = useState<Level>('info');
  const [entries, setEntries] = useState<readonly LogEntry[]>([]);
  const last = useRef(0);
  useEffect(() => {
    if (!open) return;
    let stopped = false;
    last.current = 0;
    setEntries([]);
    const look = async () => {
      const answer = await request<LogList>(
        'GET',
        `/api/system/logs?after=${last.current}&level=${level}&limit=${KEPT}`,
      );
      if (stopped || !answer.ok) return;
      last.current = answer.value.last;
      if (answer.value.entries.length > 0)
        setEntries((before) => [...before, ...answer.value.entries].slice(-KEPT));
    };
    void look();
    const timer = setInterval(() => {
      if (!document.hidden) void look();
    }, EVERY);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [open, level]);
  return (
    <section class="card">
      <h2>{t('log')}</h2>
      {!open ? (
        <Button onClick={() => setOpen(true)}>{t('showLog')}</Button>
      ) : (
        <>
          <SelectField
            label={t('level')}
            value={level}
            onInput={setLevel}
            choices={LEVELS.map((value) => ({ value, label: t(`level_${value}`) }))}
          />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable by keyboard */}
          <section class="system-log" aria-label={t('log')} tabIndex={0}>
            {entries.length === 0 && <p class="soft">{t('logEmpty')}</p>}
            <ol>
              {[...entries].reverse().map((entry) => (
                <li key={entry.seq} data-level={entry.level}>
                  <time title={exactly(entry.time)}>{time(entry.time)}</time>{' '}
                  <span class="system-component">{entry.component}</span> {entry.message}{' '}
                  {entry.detail && <code>{entry.detail}</code>}
                </li>
              ))}
            </ol>
          </section>
        </>
      )}
    </section>
  );
}
