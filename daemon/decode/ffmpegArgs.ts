import type { VideoCodec } from '../frame.ts';
import { type FfmpegVersion, hasFpsMode } from './ffmpegVersion.ts';
import type { Size } from './outputSize.ts';
import { PIPE_FORMAT } from './pipeFormat.ts';

/** Ways to decode; all but the first need a device. */
export type Hwaccel = 'software' | 'vaapi' | 'qsv' | 'v4l2m2m' | 'cuda';

export interface FfmpegArgsInput {
  readonly version: FfmpegVersion;
  /** That this ffmpeg has. */
  readonly filters: ReadonlySet<string>;
  readonly codec: VideoCodec;
  readonly hwaccel: Hwaccel;
  /** The device of the hwaccel, e.g. `/dev/dri/renderD128`; null: the accelerator finds it by itself. */
  readonly device: string | null;
  readonly input: Size;
  /** `quality` 1–100, see `mjpegQscale`. `raw`: planar full-range YUV 4:2:0 instead of JPEG, for the self-test. */
  readonly output: Size & { readonly quality: number; readonly raw?: boolean };
  readonly select: PictureSelection;
}

/** Which decoded pictures become output, counted from 0 at the start of the child. */
export interface PictureSelection {
  /** Access units written in one go at start: of their pictures only the first and the last become output. */
  readonly burst: number;
  /** Of the pictures after the burst, this many in a thousand: `rateRatio`. 1000 = all. */
  readonly perMille: number;
}

/**
 * The command line of a decoder child: coded pictures on stdin, concatenated JPEGs on stdout.
 *
 * The input flags are those that were measured to decode from a pipe with no frame of delay: without `-probesize 32
 * -analyzeduration 0` ffmpeg waits for more input, without `-flags low_delay -threads 1` and the encoder's `-threads:v 1` one or
 * two pictures stay inside, with `-fflags nobuffer` the first key frame is thrown away.
 *
 * The loop filter stays on: leaving it out saves a tenth of the time or more, but the error grows from one key frame to the next.
 */
export function ffmpegArgs(input: FfmpegArgsInput): string[] {
  const { hwaccel, output } = input;
  return [
    '-nostdin',
    '-hide_banner',
    // Hardware: "verbose" is where ffmpeg says that it fell back to software.
    ...['-loglevel', hwaccel === 'software' ? 'error' : 'verbose'],
    ...hardwareInput(input),
    ...['-probesize', '32', '-analyzeduration', '0', '-flags', 'low_delay', '-threads', '1'],
    ...hardwareDecoder(input),
    ...['-protocol_whitelist', 'pipe', '-f', PIPE_FORMAT[input.codec], '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-filter_threads', '1', '-vf', filters(input)],
    ...(hasFpsMode(input.version) ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    ...['-threads:v', '1'],
    ...(output.raw === true
      ? ['-c:v', 'rawvideo', '-f', 'rawvideo']
      : // The default Huffman tables take 3–12 % less time than optimal ones, for 15 % more bytes that stay on this machine.
        ['-c:v', 'mjpeg', '-huffman', 'default', '-q:v', String(mjpegQscale(output.quality)), '-f', 'mjpeg']),
    ...['-flush_packets', '1', 'pipe:1'],
  ];
}

function hardwareInput({ hwaccel, device }: FfmpegArgsInput): string[] {
  const onDevice = device === null ? [] : ['-hwaccel_device', device];
  switch (hwaccel) {
    case 'software':
    case 'v4l2m2m':
      return [];
    case 'vaapi':
      // Cameras send "baseline" that is constrained baseline in truth; drivers list only the latter.
      return [
        ...['-hwaccel', 'vaapi', ...onDevice, '-hwaccel_output_format', 'vaapi'],
        ...['-hwaccel_flags', 'allow_profile_mismatch'],
      ];
    case 'qsv':
      return [
        ...(device === null ? [] : ['-qsv_device', device]),
        ...['-hwaccel', 'qsv', '-hwaccel_output_format', 'qsv'],
      ];
    case 'cuda':
      return ['-hwaccel', 'cuda', ...onDevice, '-hwaccel_output_format', 'cuda'];
  }
}

function hardwareDecoder({ hwaccel, codec }: FfmpegArgsInput): string[] {
  // A decoder by its name cannot fall back to another one. async_depth: by default four pictures stay inside.
  if (hwaccel === 'qsv') return ['-c:v', `${codec}_qsv`, '-async_depth', '1'];
  if (hwaccel === 'v4l2m2m') return ['-c:v', `${codec}_v4l2m2m`];
  return [];
}

/**
 * select → scale on the device → download → range.
 *
 * A picture decoded in software cannot enter a hardware scaler, so ffmpeg's silent fall-back to software becomes an error of the
 * child. The hardware scaler is there even when the size stays.
 */
function filters(args: FfmpegArgsInput): string {
  const { hwaccel, output, select } = args;
  const { width, height } = output;
  const expression = selectExpression(select);
  const chain = expression === undefined ? [] : [`select='${expression}'`];
  switch (hwaccel) {
    case 'software':
    case 'v4l2m2m': // its pictures come in main memory, and it scales nothing
      return [...chain, scaling(args)].join(',');
    case 'vaapi':
      chain.push(`scale_vaapi=w=${width}:h=${height}:format=nv12`, 'hwdownload', 'format=nv12');
      break;
    case 'qsv':
      chain.push(`scale_qsv=w=${width}:h=${height}:format=nv12`, 'hwdownload', 'format=nv12');
      break;
    case 'cuda':
      chain.push(`scale_cuda=w=${width}:h=${height}:format=nv12`, 'hwdownload', 'format=nv12');
      break;
  }
  return [...chain, 'scale=out_range=pc,format=yuvj420p'].join(',');
}

/**
 * Size and range of pictures in main memory. JPEG is full range: limited-range video must be stretched, or black turns grey. Full-range
 * video passes unchanged.
 */
function scaling({ hwaccel, filters: has, input, output }: FfmpegArgsInput): string {
  const { width, height } = output;
  const size = width === input.width && height === input.height ? '' : `w=${width}:h=${height}:`;
  // zscale (zimg) stretches the range in the vector units, `scale` of FFmpeg 5.1 (Debian 12) does not: it takes less than half the
  // time, as much as that of 7.1 (Debian 13), with a sharper kernel. It knows planar pictures only, which software decoders give.
  if (hwaccel === 'software' && has.has('zscale'))
    return `zscale=${size && `${size}filter=bicubic:`}range=pc,format=yuvj420p`;
  // area: as cheap as (fast_)bilinear when making smaller, without their moiré, and the JPEGs become smaller.
  return `scale=${size && `${size}flags=area:`}out_range=pc,format=yuvj420p`;
}

/**
 * The `select` filter's expression over `n`, the count of decoded pictures; undefined when every picture is output.
 * Whole numbers only, so that `isSelected` (ours) and ffmpeg's double arithmetic can never disagree.
 */
export function selectExpression({ burst, perMille }: PictureSelection): string | undefined {
  const all = perMille >= 1000;
  if (burst <= 2 && all) return undefined;
  if (burst <= 0) return rateExpression('n', perMille);
  const edges = burst === 1 ? 'eq(n,0)' : `eq(n,0)+eq(n,${burst - 1})`;
  if (all) return `eq(n,0)+gte(n,${burst - 1})`;
  return `${edges}+gte(n,${burst})*${rateExpression(`(n-${burst})`, perMille)}`;
}

function rateExpression(n: string, perMille: number): string {
  return `gt(floor((${n}+1)*${perMille}/1000),floor(${n}*${perMille}/1000))`;
}

/** The same decision as the filter's, for the picture with count `n`. */
export function isSelected({ burst, perMille }: PictureSelection, n: number): boolean {
  if (n < burst) return n === 0 || n === burst - 1;
  if (perMille >= 1000) return true;
  const after = n - burst;
  return Math.floor(((after + 1) * perMille) / 1000) > Math.floor((after * perMille) / 1000);
}

/** Pictures in a thousand that a frame-rate limit lets through; 1000 without a limit or with an unknown source rate. */
export function rateRatio(limit: number | undefined, sourceFps: number | undefined): number {
  if (limit === undefined || sourceFps === undefined || !(sourceFps > 0)) return 1000;
  return Math.min(1000, Math.max(1, Math.round((limit / sourceFps) * 1000)));
}

/**
 * JPEG quality 1–100 as libjpeg users know it → mjpeg's quantiser 2–31 (2 is its best): libjpeg's own scale (its percentage of the
 * standard tables) divided by ten, so that 75 → 5, 90 → 2, 50 → 10. Never rises with the quality; all below 17 is 31.
 */
export function mjpegQscale(quality: number): number {
  const bounded = Math.min(100, Math.max(1, quality));
  const percent = bounded < 50 ? 5000 / bounded : 200 - 2 * bounded;
  return Math.min(31, Math.max(2, Math.round(percent / 10)));
}
