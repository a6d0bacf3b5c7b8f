import type { Size, V4l2Format } from '../v4l2/v4l2Url.ts';
import { VIDEO_TIMESCALE } from './remuxedVideo.ts';

/** Containers that come through the pipe, as FFmpeg calls their demuxers. */
export type PipedFormat = 'flv' | 'mpegts' | 'mov' | 'matroska';

/** What ffmpeg reads. */
export type RemuxInput =
  /** Bytes that it is given. */
  | { readonly kind: 'pipe'; readonly format: PipedFormat }
  /** Pieces of MPEG-TS or MP4, one after the other, seconds at once: they come out at their own pace. */
  | { readonly kind: 'pieces' }
  /** A file of this machine, at its own pace, again and again. */
  | { readonly kind: 'file'; readonly path: string }
  /** A camera of this machine, set to that: at most one at a time may use it. */
  | {
      readonly kind: 'v4l2';
      readonly device: string;
      readonly format: V4l2Format;
      readonly size: Size | undefined;
      readonly fps: number | undefined;
    }
  /** It opens the address itself. It stands on its input, not on its command line, which others may read: it holds the login. */
  | { readonly kind: 'address'; readonly protocols: readonly string[]; readonly format: 'flv' | 'mpegts' };

/**
 * How the sound comes out. `adts`: as it is, AAC without the headers that MPEG-TS puts before each frame; `copy`: as it is; `aac`: coded
 * anew because MP4 or browsers do not take it.
 */
export type SoundWay = 'adts' | 'copy' | 'aac' | 'none';

/** The ways to be tried, one after the other: which codings there are shows only when it is tried. */
export function soundWays({ kind, ...input }: RemuxInput): readonly SoundWay[] {
  if (kind === 'v4l2') return ['none'];
  const isTransport = kind === 'pieces' || ('format' in input && input.format === 'mpegts');
  return [...(isTransport ? (['adts'] as const) : []), 'copy', 'aac', 'none'];
}

/** So much is looked at, and so long (µs), before ffmpeg says what there is: some camera's FLV announces sound that never comes. */
const PROBE = ['-probesize', '2000000', '-analyzeduration', '2000000'];
/** Of coded sound, bits a second. */
const BIT_RATE = '64k';
/** Microseconds that pictures wait for sound that belongs before them. */
const INTERLEAVE = '300000';

/** ffmpeg as remuxer: one video and one sound track of the input as a fragmented MP4, picture by picture. Nothing is decoded. */
export function remuxArgs(input: RemuxInput, sound: SoundWay): string[] {
  // What the headers say is known from the first frame on only; else the head comes at once, whenever there will be sound.
  const head = sound === 'adts' ? '+delay_moov' : '+empty_moov';
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...inputArgs(input),
    ...['-map', '0:v:0', ...(sound === 'none' ? [] : ['-map', '0:a:0?'])],
    ...['-c:v', 'copy', ...(sound === 'none' ? [] : ['-c:a', sound === 'aac' ? 'aac' : 'copy'])],
    ...(sound === 'adts' ? ['-bsf:a', 'aac_adtstoasc'] : []),
    ...(sound === 'aac' ? ['-b:a', BIT_RATE, '-ac', '1', '-threads', '1'] : []),
    // Without the two the first sample of each track is put at 0, wherever it belongs, and negative times are moved.
    ...['-avoid_negative_ts', 'disabled'],
    // Each sample by itself; `frag_every_frame` does that too, with wrong times where there are two tracks (ffmpeg 5.1).
    ...['-frag_duration', '1'],
    ...['-max_interleave_delta', INTERLEAVE, '-flush_packets', '1'],
    ...['-f', 'mp4', '-movflags', `${head}+default_base_moof+frag_discont`, '-use_editlist', '0'],
    ...['-video_track_timescale', String(VIDEO_TIMESCALE), 'pipe:1'],
  ];
}

function inputArgs(input: RemuxInput): string[] {
  switch (input.kind) {
    case 'pipe':
      return [...PROBE, '-protocol_whitelist', 'pipe', '-f', input.format, '-i', 'pipe:0'];
    case 'pieces':
      return [
        ...[...PROBE, '-re', '-protocol_whitelist', 'pipe', '-format_whitelist', 'mpegts,mov,mp4'],
        ...['-i', 'pipe:0'],
      ];
    case 'file':
      return ['-re', '-stream_loop', '-1', '-protocol_whitelist', 'file', '-i', `file:${input.path}`];
    case 'v4l2':
      return [
        ...[...PROBE, '-f', 'v4l2', '-input_format', input.format],
        ...(input.size ? ['-video_size', `${input.size.width}x${input.size.height}`] : []),
        ...(input.fps === undefined ? [] : ['-framerate', String(input.fps)]),
        ...['-i', input.device],
      ];
    case 'address':
      return [
        ...[...PROBE, '-protocol_whitelist', ['pipe', ...input.protocols].join(',')],
        ...['-f', 'concat', '-safe', '0', '-auto_convert', '0', '-i', 'pipe:0'],
      ];
  }
}

/** ffmpeg that writes down what a camera of this machine can send coded, and ends with an error. */
export function listArgs(device: string): string[] {
  const list = ['-f', 'v4l2', '-list_formats', 'compressed', '-i', device];
  return ['-nostdin', '-hide_banner', '-loglevel', 'info', ...list];
}

/** What an ffmpeg that opens an address itself reads: a list of that one. @param url without line breaks */
export function addressList(url: string): string {
  // A quote ends a quoted part, an escaped one stands between two.
  return `ffconcat version 1.0\nfile '${url.replaceAll("'", `'\\''`)}'\n`;
}
