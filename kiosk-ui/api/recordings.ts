/** What was recorded: the questions that the playback page asks. Times are Unix seconds. */
import type {
  Camera,
  Export,
  ExportAsk,
  ExportList,
  RecordedDays,
  Recording,
  RecordingList,
  Timeline,
  WallChanges,
  WallReplay,
} from '../../daemon/schema.ts';
import { type Result, request } from './request.ts';

export type { Export, ExportAsk, Recording, Timeline, WallReplay };

export type CameraTimeline = Timeline['cameras'][number];
export type Span = CameraTimeline['spans'][number];
export type TimelineEvent = CameraTimeline['events'][number];

/** Milliseconds: a month of a busy box, or a disk that has to wake up. */
const SLOW = 20_000;

const query = (values: Record<string, string | number | undefined>): URLSearchParams => {
  const all = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) all.set(key, String(value));
  return all;
};
const ofCamera = (camera: string) => `/api/recordings/cameras/${encodeURIComponent(camera)}`;
/** Milliseconds are what the box knows; more digits would only make addresses that are never asked for again. */
const instant = (unix: number) => Number(unix.toFixed(3));

/** @param cameras none: all that have recordings */
export const readTimeline = (
  cameras: readonly string[] | undefined,
  from: number,
  to: number,
): Promise<Result<Timeline>> =>
  request(
    'GET',
    `/api/recordings/timeline?${query({ cameras: cameras?.join(','), from: instant(from), to: instant(to) })}`,
    undefined,
    { timeout: SLOW },
  );

/** @param month 2026-11. @param camera none: any */
export const readDays = (month: string, camera?: string): Promise<Result<RecordedDays>> =>
  request('GET', `/api/recordings/days?${query({ month, camera })}`, undefined, { timeout: SLOW });

export const mediaUrl = (camera: string, from: number, to: number): string =>
  `${ofCamera(camera)}/media.mp4?${query({ from: instant(from), to: instant(to) })}`;

/** @param width absent: as large as the camera sent it. @param exact the very picture; otherwise the key picture before */
export const pictureUrl = (camera: string, at: number, width?: number, exact = false): string =>
  `${ofCamera(camera)}/picture.jpg?${query({ at: instant(at), width, exact: exact ? 'true' : undefined })}`;

/** As `client.ts` has it, which is the wall’s: shared by another page it would come in a file of its own. */
export const readCameras = (): Promise<Result<{ cameras: Camera[] }>> => request('GET', '/api/cameras');

const MOST_SEGMENTS = 1000;

/** The files that have something of that time. */
export async function readSegments(camera: string, from: number, to: number): Promise<Result<Recording[]>> {
  const answer = await request<RecordingList>(
    'GET',
    `/api/recordings?${query({ camera, from: instant(from), to: instant(to), limit: MOST_SEGMENTS })}`,
  );
  return answer.ok ? { ok: true, value: answer.value.recordings } : answer;
}

export const protectSegment = (id: number, kept: boolean): Promise<Result<Recording>> =>
  request('PATCH', `/api/recordings/${id}`, { protected: kept });

export const EXPORTS = '/api/recordings/exports';

export async function readExports(): Promise<Result<Export[]>> {
  const answer = await request<ExportList>('GET', EXPORTS);
  return answer.ok ? { ok: true, value: answer.value.exports } : answer;
}

export const startExport = (wish: ExportAsk): Promise<Result<Export>> => request('POST', EXPORTS, wish);

export const deleteExport = (id: string): Promise<Result<void>> =>
  request('DELETE', `${EXPORTS}/${encodeURIComponent(id)}`);

export const exportFile = (id: string, file: 'media.mp4' | 'provenance.json'): string =>
  `${EXPORTS}/${encodeURIComponent(id)}/${file}`;

/** What the wall of that screen showed then. */
export const readWallReplay = (screen: number, at: number): Promise<Result<WallReplay>> =>
  request('GET', `/api/wall/replay?${query({ screen, at: instant(at) })}`);

export const readWallChanges = (screen: number, from: number, to: number): Promise<Result<WallChanges>> =>
  request(
    'GET',
    `/api/wall/replay/changes?${query({ screen, from: instant(from), to: instant(to) })}`,
    undefined,
    { timeout: SLOW },
  );
