import { useEffect, useState } from 'preact/hooks';
import type { Benchmark, LayoutBody, Load, LoadQuestion } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import { number, percent } from '../../i18n/format.ts';
import { language, texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { heldBack } from './loadWords.ts';

/** Milliseconds of rest after a change before the daemon is asked. */
const REST = 300;
const WATCH = 1_000;

const SCREENS = { landscape: { width: 1920, height: 1080 }, portrait: { width: 1080, height: 1920 } };

/** What the layout as it is now would cost the box; asked anew after each change. Undefined until answered. */
export function useLoad(body: LayoutBody, measured: number | null | undefined): Load | undefined {
  const [load, setLoad] = useState<Load>();
  const key = JSON.stringify(body);
  const cameras = changes.cameras.value;
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const question: LoadQuestion = { layout: body, screen: SCREENS[body.orientation ?? 'landscape'] };
      const answer = await request<Load>('POST', '/api/load', question, { signal: stop.signal });
      if (!stop.signal.aborted) setLoad(answer.ok ? answer.value : undefined);
    }, REST);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key, measured, cameras]);
  return load;
}

export function useBenchmark() {
  const [running, setRunning] = useState(false);
  const reading = useRead<Benchmark>('/api/system/benchmark', running ? { every: WATCH } : {});
  const state = reading.value.value?.state;
  useEffect(() => setRunning(state === 'running'), [state]);
  return reading;
}

/** “74 %”, or “118 %: tiles 3 and 7 will run at 8 fps”; what was never measured can be measured here. */
export function LoadMeter({
  load,
  benchmark,
}: {
  load: Load | undefined;
  benchmark: ReturnType<typeof useBenchmark>;
}) {
  const t = texts('layouts');
  const action = useAction();
  const now = benchmark.value.value;
  const measure = async () => {
    const answer = await action.send('POST', '/api/system/benchmark');
    if (answer.ok) benchmark.again();
  };
  if (now?.state === 'running') return <Progress part={now.progress} label={t('measuring')} />;
  if (load && load.percent !== null) {
    const held = heldBack(load);
    const list = new Intl.ListFormat(language.value, { type: 'conjunction' });
    return (
      <div class="layouts-load" data-full={load.percent > 100 || undefined} role="status">
        <meter
          aria-label={t('load')}
          min={0}
          max={100}
          low={80}
          high={100}
          optimum={0}
          value={Math.min(load.percent, 100)}
        />
        <p>
          <b>{percent(load.percent / 100)}</b>{' '}
          {held.length === 0
            ? t('loadFits')
            : held
                .map(({ fps, tiles }) =>
                  t('loadHeld', {
                    count: tiles.length,
                    tiles: list.format(tiles.map((n) => number(n))),
                    fps: number(fps, 1),
                  }),
                )
                .join(' ')}
          {held.length > 0 && <small class="soft"> {t('loadAdvice')}</small>}
          {load.tiles.some(({ assumed }) => assumed) && <small class="soft"> {t('loadAssumed')}</small>}
        </p>
      </div>
    );
  }
  if (now === undefined || (load === undefined && now.state === 'done')) return null;
  return (
    <div class="layouts-load">
      <p>{now.state === 'failed' ? t('measureFailed') : t('notMeasured')}</p>
      <Button busy={action.busy} onClick={() => void measure()}>
        {t('measure')}
      </Button>
      {action.failure && <ErrorNote failure={action.failure} />}
    </div>
  );
}

/** Beside the Save button of a phone, where the meter may be out of sight; screen readers have the meter. */
export function LoadShort({ load }: { load: Load | undefined }) {
  if (!load || load.percent === null) return null;
  return (
    <b class="layouts-load-short" data-full={load.percent > 100 || undefined} aria-hidden="true">
      {percent(load.percent / 100)}
    </b>
  );
}
