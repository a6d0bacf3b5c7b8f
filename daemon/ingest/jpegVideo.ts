import type { VideoParameters } from '../frame.ts';

/** Object type of JPEG in MPEG-4 systems (ISO/IEC 14496-1 table 5). */
const CODEC_STRING = 'mp4v.6C';

/** What holds for JPEGs of that size. @param before the object of the pictures before, which stays as long as they have the same */
export function jpegVideo(
  { width, height }: { width: number; height: number },
  before: VideoParameters | undefined,
): VideoParameters {
  if (before?.width === width && before.height === height) return before;
  return { codec: 'mjpeg', width, height, fps: undefined, codecString: CODEC_STRING, parameterSets: [] };
}
