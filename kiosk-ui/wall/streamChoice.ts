import type { CameraStream, StreamState } from '../../daemon/schema.ts';

export type Fit = 'contain' | 'cover' | 'fill';

export interface StreamWish {
  /** Device pixels of the tile. */
  width: number;
  height: number;
  fit: Fit;
  /** One tile over the whole screen, or the layout says so: the best there is. */
  fullScreen: boolean;
  /** The smallest, whatever the tile's size. */
  small?: boolean;
}

/** A picture may be enlarged by this much before the next larger stream is worth its cost. */
const ENLARGEMENT = 1 / 0.8;

/** What the stream's state says about opening it here and now. */
type Prospect = 'live' | 'open' | 'failing' | 'unsupported' | 'stopped';

function prospect(state: StreamState, failedLately: boolean): Prospect {
  switch (state) {
    case 'stopped':
    case 'unsupported':
      return state;
    case 'refused':
    case 'gone':
      return 'failing';
    case 'live':
      return failedLately ? 'failing' : 'live';
    default:
      return failedLately ? 'failing' : 'open';
  }
}

/**
 * The stream of a camera that fits a tile best: the smallest that need not be enlarged by more than a quarter. A size
 * that is not known yet is told by the profile: `sub` for tiles, `main` for the full screen. One that fails is left
 * for another that works. `failedLately` keeps a stream that comes and goes from being tried at every turn.
 * Undefined when there is none to open.
 */
export function chooseStream(
  streams: readonly CameraStream[],
  wish: StreamWish,
  stateOf: (stream: CameraStream) => StreamState,
  failedLately: (name: string) => boolean,
): CameraStream | undefined {
  const candidates = streams.map((stream) => ({
    stream,
    prospect: prospect(stateOf(stream), failedLately(stream.name)),
  }));
  const startable = candidates.filter(({ prospect }) => prospect !== 'stopped');
  const wanted = bestFit(
    startable.map(({ stream }) => stream),
    wish,
  );
  const verdict = startable.find(({ stream }) => stream === wanted)?.prospect;
  if (verdict === 'failing' || verdict === 'unsupported') {
    // The camera's other stream is most likely off too when this one cannot be reached, so only a live one is better;
    // a codec that we cannot decode says nothing about the other.
    const better = startable.filter(
      ({ prospect }) => prospect === 'live' || (verdict === 'unsupported' && prospect === 'open'),
    );
    return (
      bestFit(
        better.map(({ stream }) => stream),
        wish,
      ) ?? wanted
    );
  }
  return wanted;
}

function bestFit(streams: readonly CameraStream[], wish: StreamWish): CameraStream | undefined {
  const ascending = streams
    .map((stream, position) => ({ stream, area: area(stream, isMain(stream, position, streams)) }))
    .sort((a, b) => a.area - b.area);
  if (wish.small) return ascending[0]?.stream;
  if (!wish.fullScreen) {
    const fitting = ascending.find(
      ({ stream, area }) => area === 0 || (area < Infinity && enlargement(stream, wish) <= ENLARGEMENT),
    );
    if (fitting) return fitting.stream;
  }
  return ascending.at(-1)?.stream;
}

/** Pixels; while unknown, more than any for a main stream and none for others. Opening it soon tells. */
function area({ width, height }: CameraStream, main: boolean): number {
  if (width !== null && height !== null) return width * height;
  return main ? Infinity : 0;
}

function isMain(stream: CameraStream, position: number, all: readonly CameraStream[]): boolean {
  if (/sub/i.test(stream.profile)) return false;
  if (/main/i.test(stream.profile)) return true;
  return position === 0 && !all.some(({ profile }) => /main/i.test(profile));
}

function enlargement({ width, height }: CameraStream, wish: StreamWish): number {
  const across = wish.width / (width ?? 1);
  const down = wish.height / (height ?? 1);
  return wish.fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
}
