import { useState } from 'preact/hooks';
import type { Camera, CameraRecording, RecordingStatus } from '../../../daemon/schema.ts';
import { time } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { useAction } from '../act.ts';
import { isValidRecording, withMode } from './draft.ts';
import { ModeFields, ModeSelect } from './ModeFields.tsx';

/** Seconds without anything new on the disk. */
const STALE = 15;

type Now = RecordingStatus['cameras'][number];

/** One camera: what it is set to, what it does now, and the rest of its settings beneath. */
export function CameraRow({
  camera,
  recording,
  savedMode,
  now,
  selected,
  onSelect,
  onInput,
  onActed,
}: {
  camera: Camera;
  recording: CameraRecording;
  /** As the box has it: what is not saved yet cannot be started. */
  savedMode: CameraRecording['mode'];
  now: Now | undefined;
  selected: boolean;
  onSelect: (selected: boolean) => void;
  onInput: (recording: CameraRecording) => void;
  onActed: () => void;
}) {
  const t = texts('recording');
  const action = useAction();
  const [open, setOpen] = useState(false);
  const off = recording.mode === 'off';
  const byHand = now?.reason === 'manual';
  const act = async (verb: 'start' | 'stop') => {
    const path = `/api/recordings/cameras/${encodeURIComponent(camera.id)}/${verb}`;
    if ((await action.send('POST', path)).ok) onActed();
  };
  return (
    <li class="recording-camera">
      <div class="recording-row">
        <input
          type="checkbox"
          class="recording-check"
          aria-label={t('select', { name: camera.name })}
          checked={selected}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
        <div class="recording-name">
          <strong>{camera.name}</strong>
          <NowLine now={now} />
        </div>
        <ModeSelect
          label={t('modeOf', { name: camera.name })}
          mode={recording.mode}
          onInput={(mode) => {
            onInput(withMode(recording, mode));
            if (mode === 'schedule' || mode === 'event') setOpen(true);
          }}
        />
        <Button
          kind={byHand ? 'danger' : 'plain'}
          busy={action.busy}
          disabled={savedMode === 'off' || (now?.recording === true && !byHand)}
          label={t(byHand ? 'stopOf' : 'startOf', { name: camera.name })}
          onClick={() => void act(byHand ? 'stop' : 'start')}
        >
          <Icon name={byHand ? 'stop' : 'recording'} />
          {t(byHand ? 'stop' : 'start')}
        </Button>
        <button
          type="button"
          class="button quiet icon-only recording-more"
          aria-expanded={open}
          aria-label={t('settingsOf', { name: camera.name })}
          disabled={off}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open && !off ? 'up' : 'down'} />
        </button>
      </div>
      {!isValidRecording(recording) && <p class="fault">{t('notComplete')}</p>}
      {action.failure && <ErrorNote failure={action.failure} />}
      {open && !off && (
        <div class="recording-fields">
          <ModeFields recording={recording} onInput={onInput} />
        </div>
      )}
    </li>
  );
}

/** What it does now, and why. */
function NowLine({ now }: { now: Now | undefined }) {
  const t = texts('recording');
  if (!now || now.mode === 'off') return <span class="pill">{t('nowOff')}</span>;
  // It is to be recorded, but the camera sends nothing.
  if (now.recording && now.until !== null && Date.now() / 1000 - now.until > STALE)
    return <span class="pill recording-late">{t('nowNothing', { time: time(now.until) })}</span>;
  if (now.recording && now.reason && now.until !== null)
    return (
      <span class="pill recording-pill" data-on>
        {t(`now:${now.reason}`)}
      </span>
    );
  return (
    <span class="pill recording-pill">
      {now.until === null ? t('nowWaiting') : t('nowWaitingSince', { time: time(now.until) })}
    </span>
  );
}
