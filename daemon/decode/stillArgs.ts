/** ffmpeg's command line for one picture of a fragmented MP4. Pure. */
import { mjpegQscale } from './ffmpegArgs.ts';
import { type FfmpegVersion, hasFpsMode } from './ffmpegVersion.ts';

export interface StillInput {
  readonly version: FfmpegVersion;
  /** The first picture that is shown not before this, seconds of the file's own times; undefined: the very first. */
  readonly at: number | undefined;
  /** Pixels at the most; undefined: as it is. */
  readonly width: number | undefined;
  /** JPEG quality 1–100. */
  readonly quality: number;
}

/** Seconds: times are whole 1/90000 s, but written with fewer digits. */
const TOLERANCE = 0.002;

/** An initialization segment and fragments from a key picture on at stdin, one JPEG at stdout. In software: it is started for one picture. */
export function stillArgs({ version, at, width, quality }: StillInput): string[] {
  const filters = [
    ...(at === undefined ? [] : [`select='gte(t,${Math.max(0, at - TOLERANCE).toFixed(6)})'`]),
    `scale=${width === undefined ? '' : `w='min(${width},iw)':h=-2:flags=area:`}out_range=pc`,
    'format=yuvj420p',
  ];
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-copyts'],
    ...['-analyzeduration', '0', '-probesize', '32', '-threads', '1'],
    ...['-protocol_whitelist', 'pipe', '-f', 'mp4', '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-filter_threads', '1', '-vf', filters.join(','), '-frames:v', '1'],
    ...(hasFpsMode(version) ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    ...['-threads:v', '1', '-c:v', 'mjpeg', '-q:v', String(mjpegQscale(quality)), '-f', 'mjpeg', 'pipe:1'],
  ];
}
