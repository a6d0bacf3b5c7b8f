/** The daemon's report on one picture connection, twice a second. */
export interface PictureReport {
  /** Milliseconds from the camera to now of the last picture written; null: none yet. */
  ageMs: number | null;
  /** Milliseconds for which all pictures written have been the very same; null: none yet, or not known. */
  unchangedMs: number | null;
  /** When the report came, milliseconds of the page's clock. */
  at: number;
}

/**
 * When the newest picture on the screen arrived from the camera, on the page's clock. Between reports, and when they
 * stop, it stays where it is, so the age grows: a picture never looks younger than it is known to be.
 * Before the first report (at most a second) the moment of painting stands in, if the stream is live: a stream that is
 * not hands its last picture, however old, to whoever comes.
 */
export function pictureAt(
  paintedAt: number | undefined,
  report: Pick<PictureReport, 'ageMs' | 'at'> | undefined,
  streamIsLive: boolean,
): number | undefined {
  if (paintedAt === undefined) return undefined;
  if (report) return report.ageMs === null ? undefined : report.at - report.ageMs;
  return streamIsLive ? paintedAt : undefined;
}
