import type { RecordingStatus } from '../../../daemon/schema.ts';
import type { Failure } from '../../api/request.ts';
import { bytes, moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';

/** Whether it works: what stands in the way, how full the disk is. */
export function StatusPart({
  status,
  failure,
}: {
  status: RecordingStatus | undefined;
  failure: Failure | undefined;
}) {
  const t = texts('recording');
  if (!status) return failure ? <ErrorNote failure={failure} /> : null;
  const { disk, problem } = status;
  const running = status.cameras.filter(({ recording }) => recording).length;
  const dropped = status.cameras.filter((camera) => camera.dropped > 0);
  return (
    <section class="card recording-status">
      <p class="recording-now" data-on={running > 0 || undefined}>
        <strong>{running === 0 ? t('recordsNone') : t('records', { count: running })}</strong>
      </p>
      {problem && (
        <p class="note error" role="alert">
          <Icon name="warning" />
          <span>
            {problem.message} <span class="soft">{t('since', { time: moment(problem.since) })}</span>
          </span>
        </p>
      )}
      {dropped.length > 0 && (
        <p class="note warning">
          <Icon name="warning" />
          <span>{t('dropped', { cameras: dropped.map(({ camera }) => camera).join(', ') })}</span>
        </p>
      )}
      {disk && <Disk total={disk.total} free={disk.free} own={status.bytes} />}
      <p class="hint">{t('inFolder', { folder: status.folder })}</p>
    </section>
  );
}

/** The disk as one bar: recordings, everything else, what is free. */
function Disk({ total, free, own }: { total: number; free: number; own: number }) {
  const t = texts('recording');
  const used = Math.max(total - free, own);
  const part = (count: number) => ({ width: `${(count / Math.max(total, 1)) * 100}%` });
  const said = t('diskSaid', {
    own: bytes(own),
    other: bytes(used - own),
    free: bytes(free),
    total: bytes(total),
  });
  return (
    <>
      <div class="recording-disk" role="img" aria-label={said}>
        <span data-part="own" style={part(own)} />
        <span data-part="other" style={part(used - own)} />
      </div>
      <ul class="recording-key" aria-hidden="true">
        <li data-part="own">{t('diskOwn', { bytes: bytes(own) })}</li>
        <li data-part="other">{t('diskOther', { bytes: bytes(used - own) })}</li>
        <li data-part="free">{t('diskFree', { bytes: bytes(free), total: bytes(total) })}</li>
      </ul>
    </>
  );
}
