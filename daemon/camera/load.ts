/**
 * What a layout costs this very box, before it is saved. Pure arithmetic over a measured benchmark: seconds of the whole
 * machine per second, each tile's against a budget.
 */
import { outputSize, type Size } from '../decode/outputSize.ts';
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
/** Below this many pictures a second nobody is shown a moving picture. */
export const LEAST_FPS = 5;

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

interface Demand {
  readonly camera: string;
  readonly stream: string;
  readonly source: Source;
  /** Parts of the budget: 1 is all of it. */
  readonly cost: number;
}

/**
 * Of each tile the dearest camera of its rotation, the sum, and what becomes of the rates when it is too much. A camera in two
 * tiles counts twice, as two sizes of it are decoded twice.
 */
export function layoutLoad(input: LoadInput): Load {
  const { layout, speed } = input;
  const screen = input.screen ?? turned(SCREEN, layout.orientation === 'portrait');
  const demands = layout.tiles.map((tile) => dearest(tile, screen, input));
  const costs = demands.map((demand) => ({ cost: demand?.cost ?? 0, fps: demand?.source.fps ?? 0 }));
  const limits = speed ? limitedRates(costs) : costs.map(() => null);
  return {
    percent: speed ? percent(costs.reduce((sum, { cost }) => sum + cost, 0)) : null,
    tiles: demands.map((demand, index) => ({
      index,
      camera: demand?.camera ?? null,
      stream: demand?.stream ?? null,
      percent: speed ? percent(demand?.cost ?? 0) : null,
      fps: demand?.source.fps ?? null,
      limited_fps: limits[index] ?? null,
      assumed: demand?.source.assumed ?? false,
    })),
  };
}

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
    const cost = pictureCost(source, pictureSize(source, size), speed ?? EVEN) / BUDGET;
    if (!most || cost > most.cost) most = { camera: id, stream: stream.name, source, cost };
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
export function pictureCost(source: Size & { fps: number }, output: Size, speed: Speed): number {
  const million = 1e6;
  const decoding = (source.width * source.height * source.fps) / million / speed.decode_megapixels;
  const compressing = (output.width * output.height * source.fps) / million / speed.encode_megapixels;
  return ONE_BY_ONE * (decoding + compressing) + PAINTING * compressing;
}

/**
 * What each tile will run at when all together need more than the budget; null: at its own rate.
 *
 * A forecast, by the policy that the kernel carries out by itself before the box steps all pictures down evenly
 * (decode/stepDown.ts), which spares the dear ones more. Every decoder is a child of the same priority, and the scheduler
 * gives each an equal share: who needs less than his share has all he needs, and what he leaves is divided among the rest. So
 * the dearest tiles are limited first, and evenly: those that are limited cost the same. A decoder that is behind leaves out
 * whole groups of pictures, so what a tile costs follows its rate. But none is limited below LEAST_FPS: the others then have
 * less. Where the budget does not even suffice for that, all are at LEAST_FPS, and the sum says how much too much it is.
 *
 * @param tiles cost in parts of the budget, pictures per second
 */
export function limitedRates(tiles: readonly { cost: number; fps: number }[]): (number | null)[] {
  const least = ({ cost, fps }: { cost: number; fps: number }) =>
    fps > 0 ? cost * Math.min(1, LEAST_FPS / fps) : cost;
  const bounded = (tile: { cost: number; fps: number }, cap: number) =>
    Math.max(Math.min(tile.cost, cap), least(tile));
  const sum = (cap: number) => tiles.reduce((total, tile) => total + bounded(tile, cap), 0);
  if (sum(Infinity) <= 1) return tiles.map(() => null);
  // The sum rises with the cap: halving finds the cap at which it is the budget, to far more digits than are shown.
  let low = 0;
  let high = Math.max(...tiles.map(({ cost }) => cost));
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (sum(middle) > 1) high = middle;
    else low = middle;
  }
  return tiles.map((tile) => {
    const fps = tile.cost > 0 ? (tile.fps * bounded(tile, low)) / tile.cost : tile.fps;
    if (fps >= tile.fps * (1 - 1e-9)) return null;
    // Whole numbers, rounded down: a promise. The floor is one itself.
    return Math.max(Math.floor(fps + 1e-9), Math.min(LEAST_FPS, tile.fps));
  });
}
