/** Recording settings while they are edited. Pure. */
import type { CameraRecording, RecordingHours, RecordingSettings } from '../../../daemon/schema.ts';
import { areHours, type Hours } from '../wall/programme.ts';

export const OFF: CameraRecording = { mode: 'off' };
const OFFICE: RecordingHours = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' };
const GIGABYTE = 1e9;
export const DEFAULTS = { pre: 5, post: 20, minFree: 1 } as const;

export const recordingOf = ({ cameras }: RecordingSettings, id: string): CameraRecording =>
  cameras[id] ?? OFF;

/** A mode that needs hours gets some to begin with; what other modes were set to stays for a change of mind. */
export function withMode(recording: CameraRecording, mode: CameraRecording['mode']): CameraRecording {
  const needsHours = mode === 'schedule' && (recording.schedule ?? []).length === 0;
  return { ...recording, mode, ...(needsHours ? { schedule: [OFFICE] } : {}) };
}

/** As the hours of the wall are edited: Monday is 1, and midnight at the end is 00:00, which is the same. */
export const shownHours = ({ days, from, to }: RecordingHours): Hours => ({
  days: days.map((day) => (day === 0 ? 7 : day)).sort((a, b) => a - b),
  from,
  to: to === '24:00' ? '00:00' : to,
});

export const keptHours = ({ days, from, to }: Hours): RecordingHours => ({
  days: days.map((day) => day % 7).sort((a, b) => a - b),
  from,
  to,
});

export const isValidRecording = ({ mode, schedule = [], event }: CameraRecording): boolean =>
  (mode !== 'schedule' || schedule.length > 0) &&
  schedule.every((hours) => areHours(shownHours(hours))) &&
  (event?.topics === undefined || event.topics.length > 0) &&
  within(event?.pre_seconds, 0, 30) &&
  within(event?.post_seconds, 1, 600);

export const isValid = (settings: RecordingSettings): boolean =>
  Object.values(settings.cameras).every(
    (recording) => isValidRecording(recording) && within(recording.days, 1, 3650),
  ) &&
  within(settings.days, 1, 3650) &&
  within(settings.max_bytes, 1e6, Number.MAX_SAFE_INTEGER) &&
  (settings.folder == null || settings.folder.startsWith('/'));

const within = (value: number | null | undefined, least: number, most: number) =>
  value == null || (value >= least && value <= most);

/** Sets all of them to the same. */
export function applied(
  settings: RecordingSettings,
  ids: readonly string[],
  recording: CameraRecording,
): RecordingSettings {
  const cameras = { ...settings.cameras };
  for (const id of ids) cameras[id] = structuredClone(recording);
  return { ...settings, cameras };
}

/** Whether both mean the same: what is the default may be there or not. */
export const sameSettings = (a: RecordingSettings, b: RecordingSettings): boolean => plain(a) === plain(b);

function plain({ cameras, folder, days, max_bytes, min_free_bytes }: RecordingSettings): string {
  const each = Object.keys(cameras)
    .filter((id) => JSON.stringify(essence(cameras[id]!)) !== JSON.stringify(essence(OFF)))
    .sort()
    .map((id) => [id, essence(cameras[id]!)]);
  return JSON.stringify([each, folder ?? null, days ?? null, max_bytes ?? null, min_free_bytes ?? GIGABYTE]);
}

const essence = ({ mode, stream, days, schedule, event, audio }: CameraRecording) => [
  ...[mode, stream ?? 'main', days ?? null, audio ?? true],
  (schedule ?? []).map(({ days, from, to }) => [[...days].sort(), from, to === '24:00' ? '00:00' : to]),
  [event?.topics ? [...event.topics].sort() : null, event?.pre_seconds ?? DEFAULTS.pre],
  event?.post_seconds ?? DEFAULTS.post,
];

/** What a field of gigabytes shows; empty: no limit. */
export const gigabytes = (bytes: number | null | undefined): string =>
  bytes == null ? '' : String(Math.round((bytes / GIGABYTE) * 1000) / 1000);

/** Null for an empty field. */
export const bytesOf = (text: string): number | null => {
  const value = Number(text.replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) ? null : Math.round(value * GIGABYTE);
};

/** Null for an empty field. */
export const countOf = (text: string): number | null => {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : Math.round(value);
};
