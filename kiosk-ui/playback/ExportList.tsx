import { useEffect, useState } from 'preact/hooks';
import { session } from '../admin/session.ts';
import { deleteExport, type Export, exportFile, readExports } from '../api/recordings.ts';
import type { Failure } from '../api/request.ts';
import { bytes, duration, moment, percent } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import { Button } from '../parts/Button.tsx';
import { ErrorNote } from '../parts/ErrorNote.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Progress } from '../parts/Progress.tsx';

/** Milliseconds between two looks: while one is being made, and otherwise. */
const BUSY = 700;
const IDLE = 15_000;

export interface Exports {
  list: readonly Export[] | undefined;
  failure: Failure | undefined;
  again: () => void;
}

export function useExports(): Exports {
  const [list, setList] = useState<readonly Export[]>();
  const [failure, setFailure] = useState<Failure>();
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const read = async () => {
      const answer = await readExports();
      if (ended) return;
      if (answer.ok) setList(answer.value);
      setFailure(answer.ok ? undefined : answer);
      const busy = answer.ok && answer.value.some(({ state }) => state === 'waiting' || state === 'running');
      timer = setTimeout(() => void read(), busy ? BUSY : IDLE);
    };
    void read();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [asked]);
  return { list, failure, again: () => setAsked(asked + 1) };
}

export function ExportList({ exports, names }: { exports: Exports; names: ReadonlyMap<string, string> }) {
  const t = texts('playback');
  const { list, failure } = exports;
  if (failure && !list) return <ErrorNote failure={failure} />;
  if (!list) return null;
  if (list.length === 0) return <p class="soft">{t('exportsNone')}</p>;
  return (
    <ul class="exports">
      {list.map((one) => (
        <Item key={one.id} item={one} name={names.get(one.camera) ?? one.camera} again={exports.again} />
      ))}
    </ul>
  );
}

function Item({ item, name, again }: { item: Export; name: string; again: () => void }) {
  const t = texts('playback');
  const from = item.actual_from ?? item.from;
  const to = item.actual_to ?? item.to;
  const isAdmin = session.value?.role === 'admin';
  return (
    <li data-state={item.state}>
      <div class="exports-head">
        <p>
          <strong>{name}</strong>
          <br />
          <span class="soft">
            {moment(from)} · {duration(to - from)}
            {item.bytes !== null && ` · ${bytes(item.bytes)}`}
          </span>
        </p>
        {isAdmin && (
          <Button
            kind="quiet"
            label={t('deleteExport', { name, time: moment(from) })}
            onClick={() => void deleteExport(item.id).then(again)}
          >
            <Icon name="remove" />
          </Button>
        )}
      </div>
      {item.state === 'waiting' && <Progress label={t('exportWaiting')} />}
      {item.state === 'running' && (
        <Progress part={item.progress} label={t('exportRunning', { percent: percent(item.progress) })} />
      )}
      {item.state === 'failed' && <ErrorNote message={item.error?.message ?? t('exportFailed')} />}
      {item.state === 'done' && (
        <>
          <p class="exports-links">
            <a class="button" href={exportFile(item.id, 'media.mp4')} download>
              <Icon name="download" />
              {t('downloadVideo')}
            </a>
            <a class="button quiet" href={exportFile(item.id, 'provenance.json')} download>
              {t('downloadSheet')}
            </a>
          </p>
          {item.sha256 && (
            <p class="exports-hash">
              <span class="hint">{t('sha256')}</span>
              <code>{item.sha256}</code>
            </p>
          )}
        </>
      )}
    </li>
  );
}
