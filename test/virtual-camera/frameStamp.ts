/**
 * The machine-readable frame number in every picture of a virtual camera.
 *
 * A strip along the top edge, 1/20 of the picture high, of 32 equal cells, each black (0) or white (1):
 *
 *   1101 | nnnnnnnnnnnnnnnn | cccccccc | 0100
 *   sync   frame number       CRC-8      sync
 *
 * At 160 pixels' width a cell is 5 × 4 pixels, which a JPEG of quality 40 still leaves apart. The frame number
 * is the frame's index in its clip: it begins at 0 again when the clip does.
 */

/** Cells in the strip. */
export const STAMP_CELLS = 32;
/** The strip's height as a share of the picture's. */
export const STAMP_HEIGHT = 1 / 20;
/** The largest frame number that fits. */
export const STAMP_MAX = 0xffff;

const SYNC_LEFT = 0b1101;
const SYNC_RIGHT = 0b0100;
const BLACK = 16;
const WHITE = 235;
/** Below this difference between the darkest and the brightest cell there is no strip in the picture. */
const LEAST_CONTRAST = 60;

/** The strip for frame `number` as one row of 32 luma values (limited range), to be stretched over the picture. */
export function stampCells(number: number): Uint8Array {
  const bits = toBits(number);
  const cells = new Uint8Array(STAMP_CELLS);
  for (let i = 0; i < STAMP_CELLS; i++) cells[i] = (bits >>> (STAMP_CELLS - 1 - i)) & 1 ? WHITE : BLACK;
  return cells;
}

/**
 * Reads the frame number from a decoded picture.
 * @param luma one byte a pixel, rows `stride` bytes apart, beginning at the picture's top left corner
 * @param width of the picture, pixels (160 or more for a dependable answer)
 * @param height of the picture, pixels
 * @returns the number, or undefined where no intact strip is found
 */
export function readFrameStamp(
  luma: Uint8Array,
  width: number,
  height: number,
  stride = width,
): number | undefined {
  const levels = new Float64Array(STAMP_CELLS);
  const cellWidth = width / STAMP_CELLS;
  const stripHeight = height * STAMP_HEIGHT;
  const top = Math.floor(stripHeight * 0.3);
  const bottom = Math.max(top, Math.ceil(stripHeight * 0.7) - 1);
  if (!(cellWidth >= 1) || !(stripHeight >= 1) || luma.length < bottom * stride + width) return undefined;
  let low = 255;
  let high = 0;
  for (let i = 0; i < STAMP_CELLS; i++) {
    // Only the middle of a cell: scaling and JPEG smear its edges.
    const left = Math.floor((i + 0.3) * cellWidth);
    const right = Math.max(left, Math.ceil((i + 0.7) * cellWidth) - 1);
    let sum = 0;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) sum += luma[y * stride + x] ?? 0;
    }
    const level = sum / ((bottom - top + 1) * (right - left + 1));
    levels[i] = level;
    low = Math.min(low, level);
    high = Math.max(high, level);
  }
  if (high - low < LEAST_CONTRAST) return undefined;
  const threshold = (low + high) / 2;
  let bits = 0;
  for (const level of levels) bits = (bits << 1) | (level > threshold ? 1 : 0);
  const number = (bits >>> 12) & STAMP_MAX;
  return bits >>> 0 === toBits(number) ? number : undefined;
}

/** Luma of RGBA pixels (a canvas, jpeg-js, a screenshot), rounded; full range. */
export function lumaFromRgba(rgba: Uint8Array, width: number, height: number): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < luma.length; i++, p += 4) {
    luma[i] = Math.round(0.299 * (rgba[p] ?? 0) + 0.587 * (rgba[p + 1] ?? 0) + 0.114 * (rgba[p + 2] ?? 0));
  }
  return luma;
}

function toBits(number: number): number {
  const n = number & STAMP_MAX;
  return ((SYNC_LEFT << 28) | (n << 12) | (crc8(n) << 4) | SYNC_RIGHT) >>> 0;
}

/** CRC-8 (polynomial 0x07, start 0xa5 so that an all-black number does not check) over the two bytes. */
function crc8(n: number): number {
  let crc = 0xa5;
  for (const byte of [n >> 8, n & 0xff]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}
