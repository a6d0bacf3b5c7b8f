/** Real H.264 streams, made by ffmpeg, as the ingest stage would hand them over. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import jpeg from 'jpeg-js';
import type { AccessUnit, VideoParameters } from '../../daemon/frame.ts';

const run = promisify(execFile);

export interface StreamSpec {
  width: number;
  height: number;
  fps: number;
  frames: number;
  /** Frames between key frames. */
  gop: number;
  /** lavfi source; default: a moving test picture. */
  source?: string;
  /** Filters behind the source, e.g. to make it full range. */
  filters?: string;
  /** More x264 parameters. */
  x264?: string;
  /** A bitstream filter behind the encoder, e.g. to let it lie. */
  metadata?: string;
}

/** Encodes a stream and cuts it into access units. `receivedAt` is its index, so that a picture tells whose it is. */
export async function makeStream(spec: StreamSpec): Promise<AccessUnit[]> {
  const source = spec.source ?? `testsrc2=size=${spec.width}x${spec.height}:rate=${spec.fps}`;
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-frames:v', String(spec.frames)],
      ...[
        '-vf',
        spec.filters ?? 'format=yuv420p',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
      ],
      ...['-g', String(spec.gop), '-crf', '18'],
      ...[
        '-x264-params',
        `threads=1:sliced-threads=0:slices=1:scenecut=0${spec.x264 ? `:${spec.x264}` : ''}`,
      ],
      ...['-bsf:v', ['filter_units=remove_types=6|9', ...(spec.metadata ? [spec.metadata] : [])].join(',')],
      ...['-f', 'h264', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  return toAccessUnits(stdout, spec);
}

/** A few pictures of H.265, each of one slice, the first of them key. */
export async function makeH265(frames: number): Promise<AccessUnit[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=15'],
      ...['-frames:v', String(frames), '-pix_fmt', 'yuv420p', '-c:v', 'libx265', '-preset', 'ultrafast'],
      ...[
        '-x265-params',
        'log-level=none:bframes=0:keyint=250:repeat-headers=1:info=0',
        '-f',
        'hevc',
        'pipe:1',
      ],
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  const nals = nalUnits(stdout);
  const type = (nal: Buffer) => (nal[0]! >> 1) & 0x3f;
  const parameterSets = nals.filter((nal) => type(nal) >= 32 && type(nal) <= 34);
  const video: VideoParameters = {
    ...{ codec: 'hevc', width: 320, height: 240, fps: 15, codecString: 'hvc1.1.6.L60.90' },
    parameterSets,
  };
  return nals
    .filter((nal) => type(nal) < 32)
    .map((nal, i) => {
      const parts = i === 0 ? [...parameterSets, nal] : [nal];
      const data = Buffer.concat(parts.flatMap((part) => [Buffer.of(0, 0, 0, 1), part]));
      return { video, data, key: i === 0, mediaTime: (i * 1000) / 15, receivedAt: i };
    });
}

/** One slice per picture is assumed: each slice NAL unit ends its access unit. */
export function toAccessUnits(
  stream: Buffer,
  size: { width: number; height: number; fps: number },
): AccessUnit[] {
  const units: AccessUnit[] = [];
  let parameterSets: Buffer[] = [];
  let video: VideoParameters | undefined;
  for (const nal of nalUnits(stream)) {
    const type = nal[0]! & 0x1f;
    if (type === 7) parameterSets = [];
    if (type === 7 || type === 8) parameterSets.push(nal);
    if (type !== 1 && type !== 5) continue;
    const key = type === 5;
    video ??= {
      codec: 'h264',
      width: size.width,
      height: size.height,
      fps: size.fps,
      codecString: `avc1.${parameterSets[0]!.toString('hex', 1, 4)}`,
      parameterSets,
    };
    const nals = key ? [...parameterSets, nal] : [nal];
    const data = Buffer.concat(nals.flatMap((part) => [Buffer.of(0, 0, 0, 1), part]));
    units.push({ video, data, key, mediaTime: (units.length * 1000) / size.fps, receivedAt: units.length });
  }
  return units;
}

function nalUnits(stream: Buffer): Buffer[] {
  const startCode = Buffer.of(0, 0, 1);
  const nals: Buffer[] = [];
  let at = stream.indexOf(startCode);
  while (at >= 0) {
    const next = stream.indexOf(startCode, at + 3);
    let end = next < 0 ? stream.length : next;
    while (end > at + 3 && stream[end - 1] === 0) end -= 1;
    nals.push(stream.subarray(at + 3, end));
    at = next;
  }
  return nals;
}

/** Polls, since the machine may be slow: resolves when `condition` holds, throws after `seconds`. */
export async function until(condition: () => boolean, what: string, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still not so after ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * A stream whose picture number is its brightness, up to 100 pictures, so that the decoded JPEG tells which unit it shows.
 * Flat pictures survive any scaler and quality.
 */
export function makeCountingStream(spec: {
  frames: number;
  gop: number;
  width?: number;
  height?: number;
}): Promise<AccessUnit[]> {
  const { frames, gop, width = 160, height = 96 } = spec;
  const source = `nullsrc=size=${width}x${height}:rate=15,format=yuv420p,geq=lum=20+2*N:cb=128:cr=128`;
  return makeStream({ width, height, fps: 15, frames, gop, source });
}

/** The number of the picture of a counting stream that a JPEG shows, and its size. */
export function readCount(data: Buffer): { count: number; width: number; height: number } {
  const { width, height, data: pixels } = jpeg.decode(data, { useTArray: true });
  const grey = pixels[(Math.floor(height / 2) * width + Math.floor(width / 2)) * 4]!;
  return { count: Math.round(((grey * 219) / 255 + 16 - 20) / 2), width, height };
}
