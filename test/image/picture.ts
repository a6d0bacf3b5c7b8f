/** What a screen shows, as code looks at it: PNG in, numbers out. Pure. */
import { inflateSync } from 'node:zlib';

export interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel, row by row. */
  rgb: Uint8Array;
}

/** A part of a picture in parts of its size, as layouts say it: 0 … 1. */
export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const WHOLE: Part = { x: 0, y: 0, width: 1, height: 1 };

/** What the four types of a row's filter take from the neighbours (PNG, 9.2). */
const PREDICTORS: readonly ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
    return a <= b && a <= c ? left : b <= c ? up : corner;
  },
];

/**
 * Reads what weston-screenshooter, grim and QEMU write: 8 bits a channel, RGB or RGBA, not interlaced.
 * @throws when it is another kind of PNG, or none
 */
export function readPng(file: Uint8Array): Picture {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 33 || bytes.toString('latin1', 1, 4) !== 'PNG') throw new Error('this is no PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const [depth, kind, interlaced] = [bytes[24], bytes[25], bytes[28]];
  if (depth !== 8 || (kind !== 2 && kind !== 6) || interlaced !== 0)
    throw new Error(
      `a PNG with depth ${depth}, colour type ${kind}, interlace ${interlaced} is not known here`,
    );
  const data: Buffer[] = [];
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return unfiltered(inflateSync(Buffer.concat(data)), width, height, kind === 6 ? 4 : 3);
}

function unfiltered(raw: Uint8Array, width: number, height: number, channels: number): Picture {
  const stride = width * channels;
  let previous = new Uint8Array(stride);
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const predict = PREDICTORS[raw[start] ?? 0] ?? PREDICTORS[0]!;
    const row = raw.slice(start + 1, start + 1 + stride);
    for (let x = 0; x < stride; x += 1) {
      const before = x >= channels;
      const left = before ? row[x - channels]! : 0;
      row[x] = (row[x]! + predict(left, previous[x]!, before ? previous[x - channels]! : 0)) & 0xff;
    }
    for (let x = 0; x < width; x += 1)
      rgb.set(row.subarray(x * channels, x * channels + 3), (y * width + x) * 3);
    previous = row;
  }
  return { width, height, rgb };
}

function* pixels(picture: Picture, part: Part): Generator<number> {
  const right = Math.floor((part.x + part.width) * picture.width);
  const bottom = Math.floor((part.y + part.height) * picture.height);
  for (let y = Math.floor(part.y * picture.height); y < bottom; y += 1)
    for (let x = Math.floor(part.x * picture.width); x < right; x += 1) yield (y * picture.width + x) * 3;
}

const luma = (rgb: Uint8Array, at: number) => 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;

/** Mean and standard deviation of the brightness, 0 … 255. An area of one colour deviates by less than 2. */
export function brightness(picture: Picture, part: Part = WHOLE): { mean: number; deviation: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (const at of pixels(picture, part)) {
    const value = luma(picture.rgb, at);
    count += 1;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

/** Share of the pixels, 0 … 1, whose brightness is another one in the second picture, by more than `tolerance` of 255. */
export function changed(one: Picture, other: Picture, part: Part = WHOLE, tolerance = 16): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  let [count, different] = [0, 0];
  for (const at of pixels(one, part)) {
    count += 1;
    if (Math.abs(luma(one.rgb, at) - luma(other.rgb, at)) > tolerance) different += 1;
  }
  return different / count;
}

/** Tiles of a wall with `columns` × `rows`, each without a tenth of its size at every edge: no borders, no names. */
export function tilesOf(columns: number, rows: number): Part[] {
  return Array.from({ length: columns * rows }, (_, index) => ({
    x: ((index % columns) + 0.1) / columns,
    y: (Math.floor(index / columns) + 0.1) / rows,
    width: 0.8 / columns,
    height: 0.8 / rows,
  }));
}
