import type { RecordingSettings } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { TextField } from '../../parts/Field.tsx';
import { bytesOf, countOf, DEFAULTS, gigabytes } from './draft.ts';

/** Where recordings lie, and when they go. */
export function KeepPart({
  settings,
  folder,
  onInput,
}: {
  settings: RecordingSettings;
  /** In use. */
  folder: string | undefined;
  onInput: (settings: RecordingSettings) => void;
}) {
  const t = texts('recording');
  return (
    <section class="card">
      <h2>{t('keep')}</h2>
      <p class="soft">{t('keepLead')}</p>
      <div class="recording-keep">
        <TextField
          label={t('days')}
          hint={t('daysHint')}
          type="number"
          min={1}
          max={3650}
          value={settings.days == null ? '' : String(settings.days)}
          onInput={(text) => onInput({ ...settings, days: countOf(text) })}
        />
        <TextField
          label={t('quota')}
          hint={t('quotaHint')}
          type="number"
          min={0.001}
          step={0.1}
          value={gigabytes(settings.max_bytes)}
          onInput={(text) => onInput({ ...settings, max_bytes: bytesOf(text) })}
        />
        <TextField
          label={t('minFree')}
          hint={t('minFreeHint')}
          type="number"
          min={0}
          step={0.1}
          value={gigabytes(settings.min_free_bytes ?? DEFAULTS.minFree * 1e9)}
          onInput={(text) => onInput({ ...settings, min_free_bytes: bytesOf(text) ?? 0 })}
        />
        <TextField
          label={t('folder')}
          hint={t('folderHint')}
          placeholder={folder ?? ''}
          fault={settings.folder && !settings.folder.startsWith('/') ? t('folderFault') : undefined}
          value={settings.folder ?? ''}
          onInput={(text) => onInput({ ...settings, folder: text.trim() === '' ? null : text.trim() })}
        />
      </div>
    </section>
  );
}
