import type { CameraStream, StreamState, Tile } from '../schema.ts';

/**
 * The wall's own choice of a camera's stream for a tile, as the daemon foretells it. The pages may import nothing of the daemon
 * but types, so the rule stands twice: here and in kiosk-ui/wall/streamChoice.ts. test/camera/tileStream.test.ts holds both
 * to the same answers.
 */
export interface TileWish {
  /** Device pixels of the tile. */
  width: number;
  height: number;
  fit: NonNullable<Tile['fit']>;
  /** Of the layout: main is the best there is, sub the smallest; auto the one that fits the size. */
  stream: NonNullable<Tile['stream']>;
}

/** A picture may be enlarged by this much before the next larger stream is worth its cost. */
const ENLARGEMENT = 1 / 0.8;

type Prospect = 'live' | 'open' | 'failing' | 'unsupported' | 'stopped';

function prospect(state: StreamState): Prospect {
  switch (state) {
    case 'stopped':
    case 'unsupported':
    case 'live':
      return state;
    case 'refused':
    case 'gone':
      return 'failing';
    default:
      return 'open';
  }
}

/** undefined: there is none to open. */
export function tileStream(streams: readonly CameraStream[], wish: TileWish): CameraStream | undefined {
  const startable = streams.filter(({ state }) => prospect(state) !== 'stopped');
  const wanted = bestFit(startable, wish);
  const verdict = wanted && prospect(wanted.state);
  if (verdict !== 'failing' && verdict !== 'unsupported') return wanted;
  const better = startable.filter(({ state }) => {
    const other = prospect(state);
    return other === 'live' || (verdict === 'unsupported' && other === 'open');
  });
  return bestFit(better, wish) ?? wanted;
}

function bestFit(streams: readonly CameraStream[], wish: TileWish): CameraStream | undefined {
  const ascending = streams
    .map((stream) => ({ stream, area: area(stream, isMainStream(stream, streams)) }))
    .sort((a, b) => a.area - b.area);
  if (wish.stream === 'sub') return ascending[0]?.stream;
  if (wish.stream === 'auto') {
    const fitting = ascending.find(
      ({ stream, area }) => area === 0 || (area < Infinity && enlargement(stream, wish) <= ENLARGEMENT),
    );
    if (fitting) return fitting.stream;
  }
  return ascending.at(-1)?.stream;
}

/** Pixels; while unknown, more than any for a main stream and none for others. */
function area({ width, height }: CameraStream, main: boolean): number {
  if (width !== null && height !== null) return width * height;
  return main ? Infinity : 0;
}

/** By the profile's name; where no name tells, the first is the main one. */
export function isMainStream(stream: CameraStream, all: readonly CameraStream[]): boolean {
  if (/sub/i.test(stream.profile)) return false;
  if (/main/i.test(stream.profile)) return true;
  return stream === all[0] && !all.some(({ profile }) => /main/i.test(profile));
}

function enlargement({ width, height }: CameraStream, wish: TileWish): number {
  const across = wish.width / (width ?? 1);
  const down = wish.height / (height ?? 1);
  return wish.fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
}
