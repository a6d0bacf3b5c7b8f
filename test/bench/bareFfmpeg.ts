/** ffmpeg as somebody without Walleye uses it, for the same JPEGs. Pure. */
import { ffmpegArgs } from '../../daemon/decode/ffmpegArgs.ts';
import type { FfmpegBinary } from '../../daemon/decode/ffmpegChoice.ts';

/** What all measures make of a camera. */
export const TILE = { width: 640, height: 360, quality: 75 };
/** One thread, nothing kept back: what our children have, and it costs less. */
const LOW_DELAY = ['-flags', 'low_delay', '-threads', '1'];
const FOR_LOW_DELAY = ['-threads:v', '-filter_threads', '-fps_mode', '-vsync', '-flush_packets'];

export interface BareOptions {
  ffmpeg: FfmpegBinary;
  profile: 'main' | 'sub';
  rtsp: string;
  /** With our children's options for low delay. */
  tuned: boolean;
}

/** The command line: RTSP over TCP in, JPEGs on stdout, by the scaler, quality and Huffman tables that we use. */
export function bareFfmpegArgs(options: BareOptions): string[] {
  const { input, filters, encoder } = bareParts(options);
  return [...input, '-map', '0:v:0', '-vf', filters, ...encoder, '-f', 'mjpeg', 'pipe:1'];
}

/** What such a command line is put together from. */
export function bareParts({ ffmpeg, profile, rtsp, tuned }: BareOptions) {
  const own = ffmpegArgs({
    version: ffmpeg.release,
    filters: ffmpeg.filters,
    codec: 'h264',
    hwaccel: 'software',
    device: null,
    input: profile === 'main' ? { width: 1280, height: 720 } : { width: 640, height: 360 },
    output: TILE,
    select: { burst: 0, perMille: 1000 },
  });
  const filters = own[own.indexOf('-vf') + 1]!;
  const behind = own.slice(own.indexOf('-vf') + 2, own.indexOf('pipe:1'));
  // Of RTSP the first pictures may have one and the same time, at which `passthrough` lets the encoder fail.
  const encoder = withoutOptions(behind, ['-f', ...(tuned ? [] : FOR_LOW_DELAY)]).map((arg) =>
    arg === 'passthrough' ? 'vfr' : arg,
  );
  // Of sound virtual cameras give a description only.
  const videoAlone = ['-allowed_media_types', 'video'];
  const reading = [...(tuned ? LOW_DELAY : []), '-rtsp_transport', 'tcp', ...videoAlone, '-i', rtsp];
  const threads = tuned ? ['-filter_threads', '1'] : [];
  return { input: ['-nostdin', '-loglevel', 'error', ...reading, ...threads], filters, encoder };
}

function withoutOptions(args: readonly string[], names: readonly string[]): string[] {
  return args.filter((arg, n) => !names.includes(arg) && !names.includes(args[n - 1] ?? ''));
}
