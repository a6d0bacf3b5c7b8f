import { useState } from 'preact/hooks';
import type { Benchmark, System } from '../../../daemon/schema.ts';
import { moment, number } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';

/** Milliseconds. */
const LOOK = 500;
const PATIENCE = 90_000;

/** What decodes the cameras’ pictures here, proved by pixels, and how much of it there is. */
export function DecodePart() {
  const t = texts('system');
  const reading = useRead<System>('/api/system');
  const [running, setRunning] = useState(false);
  const bench = useRead<Benchmark>('/api/system/benchmark', running ? { every: LOOK } : {});
  const test = useAction();
  const measure = useAction();
  const system = reading.value.value;
  const benchmark = bench.value.value;
  if (benchmark && (benchmark.state === 'running') !== running) setRunning(benchmark.state === 'running');
  if (!system) return null;
  const { ffmpeg, decode, sandbox } = system;
  return (
    <section class="card">
      <h2>{t('decode')}</h2>
      <p>
        <strong>{decode.chosen}</strong>
        {/* Each candidate says its own reason below. */}
        {decode.candidates.length === 0 && <span class="soft"> {decode.reason}</span>}
      </p>
      <ul class="system-decoders">
        {decode.candidates.map(({ hwaccel, device, works, reason }) => (
          <li key={`${hwaccel} ${device}`} data-works={works || undefined}>
            <Icon name={works ? 'check' : 'close'} />
            <strong>{hwaccel}</strong>
            <span>{device}</span>
            <span class="soft">{reason}</span>
          </li>
        ))}
      </ul>
      {decode.stepped_down && (
        <ErrorNote
          message={t('steppedDown', {
            fps: decode.stepped_down.fps_percent,
            size: decode.stepped_down.size_percent,
            time: moment(decode.stepped_down.since),
          })}
        />
      )}
      {decode.fallbacks > 0 && <ErrorNote message={t('fallbacks', { count: decode.fallbacks })} />}
      {[ffmpeg.warning, sandbox.warning].map(
        (warning) => warning && <ErrorNote key={warning} message={warning} />,
      )}
      <p class="soft">{`ffmpeg ${ffmpeg.version} · ${ffmpeg.path} · ${t('sandbox')}: ${sandbox.kind}`}</p>
      {test.failure && <ErrorNote failure={test.failure} />}
      <Button
        busy={test.busy}
        onClick={() =>
          void test
            .send('POST', '/api/system/self-test', undefined, { timeout: PATIENCE })
            .then(reading.again)
        }
      >
        {t('selfTest')}
      </Button>
      <h3 class="system-gap">{t('budget')}</h3>
      {benchmark?.state === 'running' && <Progress part={benchmark.progress} label={t('benchmarkRunning')} />}
      {benchmark?.state === 'failed' && <ErrorNote message={benchmark.message ?? t('benchmarkFailed')} />}
      {benchmark?.state === 'never' && <p class="soft">{t('benchmarkNever')}</p>}
      {benchmark?.decode_megapixels && benchmark.encode_megapixels && benchmark.time && (
        <p>
          {t('benchmarkDone', {
            decode: number(benchmark.decode_megapixels),
            encode: number(benchmark.encode_megapixels),
            time: moment(benchmark.time),
          })}
        </p>
      )}
      {measure.failure && <ErrorNote failure={measure.failure} />}
      <Button
        busy={measure.busy || running}
        onClick={() =>
          void measure.send('POST', '/api/system/benchmark').then((answer) => {
            if (answer.ok) setRunning(true);
            bench.again();
          })
        }
      >
        {benchmark?.time ? t('benchmark') : t('benchmarkFirst')}
      </Button>
    </section>
  );
}
