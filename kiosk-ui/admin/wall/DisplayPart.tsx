import { useEffect, useState } from 'preact/hooks';
import type { Settings, SettingsPatch } from '../../../daemon/schema.ts';
import { type Failure, request } from '../../api/request.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Switch, TextField } from '../../parts/Field.tsx';
import { toast } from '../../parts/toast.tsx';
import { noticeRefusal, readSettings, settings } from '../session.ts';

const SWITCHES = [
  { key: 'wall_clock', text: 'clock' },
  { key: 'wall_names', text: 'names' },
  { key: 'wall_recording_mark', text: 'recordingMark' },
  { key: 'wall_audio_mark', text: 'audioMark' },
  { key: 'wall_alarm_sound', text: 'alarmSound' },
  { key: 'viewers_ptz', text: 'viewersPtz' },
  { key: 'viewers_talk', text: 'viewersTalk' },
] as const;

/** What the wall shows besides pictures. A switch takes effect at once. */
export function DisplayPart() {
  const t = texts('wallPage');
  const c = texts('common');
  const now = settings.value;
  /** Switched here and not yet heard back: a switch stays as it was put, and several may be under way. */
  const [pending, setPending] = useState<SettingsPatch>({});
  const [failure, setFailure] = useState<Failure>();
  const [seconds, setSeconds] = useState(String(now?.unchanged_seconds ?? 0));
  useEffect(() => {
    if (now) setSeconds(String(now.unchanged_seconds));
  }, [now?.unchanged_seconds]);
  if (!now) return null;
  const patch = async (change: SettingsPatch) => {
    setPending((others) => ({ ...others, ...change }));
    const answer = await request<Settings>('PATCH', '/api/settings', change);
    if (answer.ok) await readSettings();
    else noticeRefusal(answer);
    setFailure(answer.ok ? undefined : answer);
    setPending((all) => {
      const rest = Object.entries(all).filter(([key]) => !(key in change));
      return Object.fromEntries(rest);
    });
    if (answer.ok) toast(c('saved'));
  };
  const typed = seconds.trim() === '' ? Number.NaN : Number(seconds);
  const right = typed >= 0 && typed <= 3600;
  return (
    <section class="card">
      <h2>{t('display')}</h2>
      {SWITCHES.map(({ key, text }) => (
        <Switch
          key={key}
          label={t(text)}
          checked={pending[key] ?? now[key]}
          onInput={(checked) => void patch({ [key]: checked })}
        />
      ))}
      <form
        class="wall-unchanged"
        onSubmit={(event) => {
          event.preventDefault();
          void patch({ unchanged_seconds: typed });
        }}
      >
        <TextField
          label={t('unchanged')}
          hint={t('unchangedHint')}
          fault={right ? undefined : t('unchangedFault')}
          type="number"
          min={0}
          max={3600}
          value={seconds}
          onInput={setSeconds}
        />
        {typed !== now.unchanged_seconds && (
          <Button
            type="submit"
            kind="primary"
            busy={pending.unchanged_seconds !== undefined}
            disabled={!right}
          >
            {c('save')}
          </Button>
        )}
      </form>
      {failure && <ErrorNote failure={failure} />}
    </section>
  );
}
