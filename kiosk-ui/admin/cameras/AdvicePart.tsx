import { useState } from 'preact/hooks';
import type {
  Advice,
  Camera,
  Finding,
  FixRequest,
  FixResult,
  MeasuredStream,
  SessionCount,
} from '../../../daemon/schema.ts';
import { moment, number } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';

/** Milliseconds. */
const LOOK = 1_000;
/** The camera is asked, changed, and looked at again. */
const PATIENCE = 90_000;

/** What is wrong with the camera’s set-up for a wall, and the button that mends it over ONVIF. */
export function AdvicePart({ camera }: { camera: Camera }) {
  const t = texts('cameras');
  const path = `/api/cameras/${encodeURIComponent(camera.id)}`;
  const [running, setRunning] = useState(false);
  const reading = useRead<Advice>(`${path}/advice`, running ? { every: LOOK } : {});
  const measure = useAction();
  const fix = useAction();
  const [result, setResult] = useState<FixResult>();
  const advice = reading.value.value;
  if (advice && (advice.state === 'running') !== running) setRunning(advice.state === 'running');
  const hasSessions = camera.streams.some(({ rtsp_url: url }) => /^rtsps?:/i.test(url));
  const fixable = advice?.findings.filter((finding) => finding.fixable) ?? [];
  const again = async (query = '') => {
    setResult(undefined);
    const answer = await measure.send<Advice>('POST', `${path}/advice${query}`);
    if (answer.ok) setRunning(true);
    reading.again();
  };
  const mend = async (findings: readonly Finding[]) => {
    const body: FixRequest = { findings: [...new Set(findings.map(({ code }) => code))] };
    const answer = await fix.send<FixResult>('POST', `${path}/fix`, body, { timeout: PATIENCE });
    if (answer.ok) setResult(answer.value);
    reading.again();
  };
  return (
    <section class="card">
      <h2>{t('advice')}</h2>
      {advice?.state === 'running' && <Progress label={t('measuring')} />}
      {advice?.state === 'failed' && <ErrorNote message={advice.message ?? t('adviceFailed')} />}
      {advice?.state === 'never' && <p class="soft">{t('adviceNever')}</p>}
      {advice?.state === 'done' && advice.findings.length === 0 && (
        <p class="cameras-good">
          <Icon name="check" />
          {t('adviceGood')}
        </p>
      )}
      {advice && advice.findings.length > 0 && (
        <ul class="cameras-findings">
          {advice.findings.map((finding) => (
            <li key={`${finding.code} ${finding.stream}`} data-severity={finding.severity}>
              <Icon name={finding.severity === 'warning' ? 'warning' : 'info'} />
              <div>
                <strong>{t(`finding_${finding.code}`)}</strong>
                <p>
                  {t(`finding_${finding.code}_why`)}{' '}
                  {finding.seen !== null && (
                    <span class="soft">
                      {finding.wanted === null
                        ? t('seen', { seen: finding.seen })
                        : t('seenWanted', { seen: finding.seen, wanted: finding.wanted })}
                    </span>
                  )}
                </p>
              </div>
              {finding.fixable && (
                <Button busy={fix.busy} onClick={() => void mend([finding])}>
                  {t('fix')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {advice && advice.streams.length > 0 && (
        <ul class="cameras-measured">
          {advice.streams.map((stream) => (
            <li key={stream.name}>
              <strong>{stream.name}</strong> {figures(stream).join(' · ')}
            </li>
          ))}
          {advice.clock_skew !== null && (
            <li>{t('clockSkew', { seconds: number(Math.abs(advice.clock_skew), 1) })}</li>
          )}
          {advice.sessions && <li>{sessionsOf(advice.sessions)}</li>}
        </ul>
      )}
      {result && <Changes result={result} />}
      {fix.failure && <ErrorNote failure={fix.failure} />}
      {measure.failure && <ErrorNote failure={measure.failure} />}
      <div class="cameras-actions">
        {fixable.length > 1 && (
          <Button kind="primary" busy={fix.busy} onClick={() => void mend(fixable)}>
            {t('fixAll', { count: fixable.length })}
          </Button>
        )}
        <Button kind="quiet" busy={measure.busy || running} onClick={() => void again()}>
          <Icon name="refresh" />
          {t('measure')}
        </Button>
        {hasSessions && (
          <Button kind="quiet" busy={measure.busy || running} onClick={() => void again('?sessions=true')}>
            {t('countSessions')}
          </Button>
        )}
        {advice?.time && <span class="soft">{t('measuredAt', { time: moment(advice.time) })}</span>}
      </div>
      {hasSessions && <p class="soft">{t('countSessionsHint')}</p>}
    </section>
  );
}

function sessionsOf({ granted, end }: SessionCount) {
  const t = texts('cameras');
  return t(`sessions_${end}`, { count: granted });
}

function figures({ codec, width, height, fps, bitrate, key_frame_interval, first_picture }: MeasuredStream) {
  const t = texts('cameras');
  return [
    codec,
    width === null ? undefined : `${width}×${height}`,
    fps === null ? undefined : t('fps', { fps: number(fps, 1) }),
    bitrate === null ? undefined : `${number(bitrate / 1e6, 2)} Mbit/s`,
    key_frame_interval === null ? undefined : t('keyEvery', { seconds: number(key_frame_interval, 1) }),
    first_picture === null ? undefined : t('firstPicture', { seconds: number(first_picture, 1) }),
  ].filter((one) => one !== undefined && one !== null);
}

function Changes({ result }: { result: FixResult }) {
  const t = texts('cameras');
  const c = texts('common');
  return (
    <div role="status">
      {result.changes.length > 0 && (
        <table class="cameras-changes">
          <thead>
            <tr>
              <th>{t('setting')}</th>
              <th>{t('before')}</th>
              <th>{t('after')}</th>
            </tr>
          </thead>
          <tbody>
            {result.changes.map(({ stream, what, before, after }) => (
              <tr key={`${stream} ${what}`}>
                <th scope="row">{[stream, what].filter(Boolean).join(' · ')}</th>
                <td>{before ?? c('unknown')}</td>
                <td>{after ?? c('unknown')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {result.failed.map(({ code, message }) => (
        <ErrorNote key={code} message={`${t(`finding_${code}`)}: ${message}`} />
      ))}
    </div>
  );
}
