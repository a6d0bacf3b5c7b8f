/** Where a segment lies, and what its name says of it: enough to find it again when the index is lost. Pure. */

export interface SegmentName {
  camera: string;
  stream: string;
  /** Unix milliseconds of its first picture. */
  startedAt: number;
}

const NAME = /^([A-Za-z0-9_-]{1,64})_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z\.mp4$/;
const CAMERA = /^[A-Za-z0-9_-]{1,64}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** `door/2026-11-22`. */
export const DAY_FOLDER = /^[A-Za-z0-9_-]{1,64}\/\d{4}-\d\d-\d\d$/;
/** Added to a segment's name: an empty file that says that it is to be kept, wherever its disk goes. */
export const KEPT = '.keep';

/** Relative path, `door/2026-11-22/door_main_20261122T024512.123Z.mp4`. In UTC: hours must not come twice in autumn. */
export function segmentPath({ camera, stream, startedAt }: SegmentName): string {
  const time = new Date(startedAt).toISOString();
  return `${camera}/${time.slice(0, 10)}/${stream}_${time.replace(/[-:]/g, '')}.mp4`;
}

/** undefined: it is not a segment's. Total. */
export function readSegmentPath(path: string): SegmentName | undefined {
  const [camera = '', day = '', name = '', ...rest] = path.split('/');
  const match = NAME.exec(name);
  if (rest.length > 0 || !match || !CAMERA.test(camera) || !DAY.test(day)) return undefined;
  const [, stream = '', year, month, date, hour, minute, second, ms] = match;
  const startedAt = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(startedAt) ? undefined : { camera, stream, startedAt };
}
