/**
 * `ffmpeg_missing` no ffmpeg on this machine can do the work · `spawn_failed` the program could not be started ·
 * `crashed` it ended by itself · `hung` it was fed and stayed silent
 */
export type FfmpegErrorCode = 'ffmpeg_missing' | 'spawn_failed' | 'crashed' | 'hung';

/** Thrown, or shown as a rendition's last error, by everything in `decode/`. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
  readonly code: FfmpegErrorCode;
  /** Where it happened: the path of the program, or the part of ours. */
  readonly place: string;

  constructor(code: FfmpegErrorCode, place: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.place = place;
  }
}
