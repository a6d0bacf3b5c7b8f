import { useState } from 'preact/hooks';
import type { Camera, CameraRecording, RecordingSettings, RecordingStatus } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { CameraRow } from './CameraRow.tsx';
import { applied, isValidRecording, recordingOf } from './draft.ts';
import { ModeFields } from './ModeFields.tsx';

/** A row for each camera; several can be set at once. */
export function CameraList({
  cameras,
  settings,
  saved,
  status,
  onInput,
  onActed,
}: {
  cameras: readonly Camera[];
  settings: RecordingSettings;
  saved: RecordingSettings | undefined;
  status: RecordingStatus | undefined;
  onInput: (settings: RecordingSettings) => void;
  onActed: () => void;
}) {
  const t = texts('recording');
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [common, setCommon] = useState<CameraRecording>();
  const chosen = cameras.filter(({ id }) => selected.includes(id)).map(({ id }) => id);
  const all = chosen.length === cameras.length;
  const none = cameras.every(({ id }) => recordingOf(settings, id).mode === 'off');
  return (
    <section class="card recording-cameras">
      <div class="page-head">
        <h2>{t('cameras')}</h2>
        <div class="recording-several">
          <Button kind="quiet" onClick={() => setSelected(all ? [] : cameras.map(({ id }) => id))}>
            {t(all ? 'selectNone' : 'selectAll')}
          </Button>
          <Button
            disabled={chosen.length === 0}
            onClick={() => setCommon(structuredClone(recordingOf(settings, chosen[0]!)))}
          >
            {t('setSelected', { count: chosen.length })}
          </Button>
        </div>
      </div>
      {none && <p class="note">{t('noneYet')}</p>}
      <ul class="recording-list">
        {cameras.map((camera) => (
          <CameraRow
            key={camera.id}
            camera={camera}
            recording={recordingOf(settings, camera.id)}
            savedMode={saved ? recordingOf(saved, camera.id).mode : 'off'}
            now={status?.cameras.find((one) => one.camera === camera.id)}
            selected={selected.includes(camera.id)}
            onSelect={(on) =>
              setSelected(on ? [...selected, camera.id] : selected.filter((one) => one !== camera.id))
            }
            onInput={(recording) => onInput(applied(settings, [camera.id], recording))}
            onActed={onActed}
          />
        ))}
      </ul>
      {common && (
        <Dialog
          title={t('setTitle', { count: chosen.length })}
          onClose={() => setCommon(undefined)}
          actions={
            <Button
              kind="primary"
              disabled={!isValidRecording(common)}
              onClick={() => {
                onInput(applied(settings, chosen, common));
                setCommon(undefined);
                setSelected([]);
              }}
            >
              {t('apply')}
            </Button>
          }
        >
          <p class="soft">
            {cameras
              .filter(({ id }) => chosen.includes(id))
              .map(({ name }) => name)
              .join(', ')}
          </p>
          <ModeFields recording={common} onInput={setCommon} withMode />
        </Dialog>
      )}
    </section>
  );
}
