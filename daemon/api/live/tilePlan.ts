/** Where a tile's pictures come from, and in which format. Pure. */
import { tileStream } from '../../camera/tileStream.ts';
import { LEVELS } from '../../fanout/live/ladder.ts';
import type { CameraStream, LiveFormat, LiveReason } from '../../schema.ts';
import type { RenditionSize } from '../deps.ts';

export interface TileWish extends RenditionSize {
  stream: string;
  /** The best first. */
  formats: readonly LiveFormat[];
}

export interface TilePlan {
  stream: string;
  format: LiveFormat;
  /** Of JPEGs. */
  size: RenditionSize;
  reason: LiveReason;
}

/** What can be passed through as it is, as fragmented MP4 and as Annex B; null: not known yet. */
const PASSED: Record<Exclude<LiveFormat, 'jpeg'>, readonly (string | null)[]> = {
  mp4: ['h264', 'hevc', 'vp9', 'av1', null],
  annexb: ['h264', 'hevc', null],
};
/** Renditions of nearly the same size are one: multiples of so many pixels. */
const STEP = 16;
const NARROWEST = 160;

export interface PlanInput {
  wish: TileWish;
  /** All of the camera. */
  streams: readonly CameraStream[];
  /** Of the ladder. */
  level: number;
  /** Whether the browser said that it does not play what this stream sends. */
  unplayable: (stream: string) => boolean;
}

/** undefined: what was asked for is passed through only, and the browser does not play it. */
export function planTile({ wish, streams, level, unplayable }: PlanInput): TilePlan | undefined {
  const rung = LEVELS[level] ?? LEVELS[0]!;
  const stream = rung.small ? smallest(streams, wish.stream) : wish.stream;
  const asked = wish.formats[0] ?? 'jpeg';
  const codec = streams.find(({ name }) => name === stream)?.codec ?? null;
  const source = (format: LiveFormat) => format !== 'jpeg' && !PASSED[format].includes(codec);
  const fits = (format: LiveFormat) => format === 'jpeg' || !(source(format) || unplayable(stream));
  const playable = wish.formats.filter(fits);
  // Without JPEG among the formats, dropping to key pictures is all that can be done for a slow connection.
  const format = (rung.jpeg ? playable.find((one) => one === 'jpeg') : undefined) ?? playable[0];
  if (format === undefined) return undefined;
  const size = format === 'jpeg' ? bounded(wish, rung.bounds) : {};
  return { stream, format, size, reason: reasonOf() };

  function reasonOf(): LiveReason {
    if (!fits(asked)) return source(asked) ? 'source' : 'codec';
    const same = stream === wish.stream && format === asked;
    if (!same || (format === 'jpeg' && level > 1)) return 'bandwidth';
    return 'wished';
  }
}

function smallest(streams: readonly CameraStream[], wished: string): string {
  const small = tileStream(streams, { width: 1, height: 1, fit: 'contain', stream: 'sub' });
  return small && ['live', 'idle', 'paused', 'connecting'].includes(small.state) ? small.name : wished;
}

function bounded(
  { width, height, fps, quality }: TileWish,
  bounds: (typeof LEVELS)[number]['bounds'],
): RenditionSize {
  const scaled = (length: number | undefined) =>
    length === undefined || bounds.scale === 1
      ? length
      : Math.max(Math.round((length * bounds.scale) / STEP) * STEP, Math.min(length, NARROWEST));
  return {
    width: scaled(width),
    height: scaled(height),
    fps: least(fps, bounds.fps),
    quality: least(quality, bounds.quality),
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
