/**
 * What a layout costs this very box, before it is saved. Pure arithmetic over a measured benchmark: seconds of the whole
 * machine per second, each tile's against a budget.
 */
import { outputSize, type Size } from '../decode/outputSize.ts';
import { LEAST_FPS, STEPS, type Step } from '../decode/stepDown.ts';
import type { Camera, CameraStream, LayoutBody, Load, Tile } from '../schema.ts';
import { isMainStream, tileStream } from './tileStream.ts';

/**
 * Part of the CPU that pictures may take. The rest is Chromium's own, which composes the screen whatever is on it, and the
 * daemon's and the system's. Measured on two cores at 1080p (DESIGN §6): nine paced tiles of 640×360 with 15 pictures a second
 * cost the browser 0.99 core, sixteen of 480×270 with 10 cost 0.89; the line through both leaves 0.7 of two cores for no
 * pixels at all, and 9.6 ms for each megapixel.
 */
export const BUDGET = 0.7;
/** What the browser takes for a pixel, in parts of what compressing it takes: on the machine of those 9.6 ms that was 5.8 ms. */
export const PAINTING = 1.7;
/** Pictures that come one by one find caches cold: measured 15 to 25 % above the same ones at full speed. */
export const ONE_BY_ONE = 1.2;

/** Of streams that were never opened, and of which ONVIF told nothing. */
const UNKNOWN_MAIN = { width: 1920, height: 1080, fps: 25 };
const UNKNOWN_SUB = { width: 640, height: 360, fps: 15 };
/** The screen where the page does not say: the usual one. */
const SCREEN = { width: 1920, height: 1080 };

/** A measured benchmark: megapixels per second, all cores together. */
export interface Speed {
  readonly decode_megapixels: number;
  readonly encode_megapixels: number;
}

export interface LoadInput {
  readonly layout: LayoutBody;
  readonly camera: (id: string) => Camera | undefined;
  /** Device pixels. */
  readonly screen?: Size | undefined;
  /** undefined: not measured yet. */
  readonly speed: Speed | undefined;
}

interface Source extends Size {
  readonly fps: number;
  /** Something of it is not known and was assumed. */
  readonly assumed: boolean;
}

/** Of reading a stream, and of making and painting its pictures. */
interface Cost {
  readonly decoding: number;
  readonly output: number;
}

interface Demand {
  readonly camera: string;
  readonly stream: string;
  readonly source: Source;
  /** Parts of the budget: 1 is all of it. */
  readonly cost: Cost;
}

/**
 * Of each tile the dearest camera of its rotation, the sum, and what becomes of the rates when it is too much. A camera in two
 * tiles counts twice, as two sizes of it are decoded twice.
 */
export function layoutLoad(input: LoadInput): Load {
  const { layout, speed } = input;
  const screen = input.screen ?? turned(SCREEN, layout.orientation === 'portrait');
  const demands = layout.tiles.map((tile) => dearest(tile, screen, input));
  const costs = demands.map((demand) => ({ ...(demand?.cost ?? NOTHING), fps: demand?.source.fps ?? 0 }));
  const limits = speed ? steppedRates(costs) : costs.map(() => null);
  return {
    percent: speed ? percent(costs.reduce((total, cost) => total + sumOf(cost), 0)) : null,
    tiles: demands.map((demand, index) => ({
      index,
      camera: demand?.camera ?? null,
      stream: demand?.stream ?? null,
      percent: speed ? percent(sumOf(demand?.cost ?? NOTHING)) : null,
      fps: demand?.source.fps ?? null,
      limited_fps: limits[index] ?? null,
      assumed: demand?.source.assumed ?? false,
    })),
  };
}

const NOTHING: Cost = { decoding: 0, output: 0 };
const sumOf = ({ decoding, output }: Cost) => decoding + output;
const percent = (part: number) => Math.round(part * 1000) / 10;

const turned = ({ width, height }: Size, portrait: boolean): Size =>
  portrait ? { width: height, height: width } : { width, height };

function dearest(tile: Tile, screen: Size, { camera, speed }: LoadInput): Demand | undefined {
  const size = { width: tile.width * screen.width, height: tile.height * screen.height };
  let most: Demand | undefined;
  for (const id of tile.cameras) {
    const { streams = [] } = camera(id) ?? {};
    const wish = { ...size, fit: tile.fit ?? 'contain', stream: tile.stream ?? 'auto' } as const;
    const stream = tileStream(streams, wish);
    if (!stream) continue;
    const source = sourceOf(stream, streams);
    // Without a benchmark the order of costs is the same on every box, near enough.
    const { decoding, output } = pictureCost(source, pictureSize(source, size), speed ?? EVEN);
    const cost = { decoding: decoding / BUDGET, output: output / BUDGET };
    if (!most || sumOf(cost) > sumOf(most.cost)) most = { camera: id, stream: stream.name, source, cost };
  }
  return most;
}

const EVEN: Speed = { decode_megapixels: 1000, encode_megapixels: 500 };

function sourceOf(stream: CameraStream, all: readonly CameraStream[]): Source {
  const usual = isMainStream(stream, all) ? UNKNOWN_MAIN : UNKNOWN_SUB;
  const { width, height } = stream;
  const isKnown = width !== null && height !== null && width > 0 && height > 0;
  const fps = stream.fps !== null && stream.fps > 0 ? stream.fps : undefined;
  return {
    width: isKnown ? width : usual.width,
    height: isKnown ? height : usual.height,
    fps: fps ?? usual.fps,
    assumed: !isKnown || fps === undefined,
  };
}

/** As the wall asks for it: the tile rounded up to multiples of 16, the source fitted inside (kiosk-ui/wall/pictureUrl.ts). */
function pictureSize(source: Size, tile: Size): Size {
  const round = (length: number) => Math.max(Math.ceil(length / 16 - 0.01) * 16, 16);
  return outputSize(source, { width: round(tile.width), height: round(tile.height) });
}

/** Seconds of the whole machine per second of one tile. */
export function pictureCost(source: Size & { fps: number }, output: Size, speed: Speed): Cost {
  const million = 1e6;
  const decoding = (source.width * source.height * source.fps) / million / speed.decode_megapixels;
  const compressing = (output.width * output.height * source.fps) / million / speed.encode_megapixels;
  return { decoding: ONE_BY_ONE * decoding, output: (ONE_BY_ONE + PAINTING) * compressing };
}

/**
 * What each tile will run at when all together need more than the budget; null: at its own rate.
 *
 * A forecast of what the box does then (decode/stepDown.ts): all pictures give way alike, in rate, and only after that in size. Reading a
 * camera's stream costs the same at any rate of the pictures.
 *
 * @param tiles costs in parts of the budget, pictures per second
 */
export function steppedRates(tiles: readonly (Cost & { fps: number })[]): (number | null)[] {
  const rate = (fps: number, share: number) => Math.max(fps * share, Math.min(fps, LEAST_FPS));
  const sum = ({ fps: share, size }: Step) =>
    tiles.reduce(
      (total, { decoding, output, fps }) =>
        total + decoding + (fps > 0 ? (output * size ** 2 * rate(fps, share)) / fps : 0),
      0,
    );
  const step = STEPS.find((one) => sum(one) <= 1) ?? STEPS.at(-1)!;
  // Whole numbers, rounded down: a promise. The floor is one itself.
  return tiles.map(({ fps }) => {
    const limited = rate(fps, step.fps);
    return limited < fps ? Math.max(Math.floor(limited + 1e-9), LEAST_FPS) : null;
  });
}
