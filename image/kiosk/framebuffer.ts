/**
 * Puts our mark on a screen again whose driver has just cleared what the firmware showed there (virtio-gpu does), so that it stays
 * until the compositor starts. Run by walleye-mark@.service, when the kernel makes a frame buffer:
 *
 *   node framebuffer.js fb0
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { colourOf, SIDE, shadeAt } from './mark.ts';

/** Of `/sys/class/graphics/fbN`. */
export interface FrameBuffer {
  /** Pixels. */
  width: number;
  height: number;
  /** Bytes of a row. */
  stride: number;
}

/**
 * What the kernel says of a frame buffer.
 * @param read a file of its folder in sysfs
 * @returns undefined for one without 32 bits per pixel, or smaller than the mark: it stays as it is
 */
export function frameBuffer(read: (name: string) => string): FrameBuffer | undefined {
  const [width = 0, height = 0] = read('virtual_size').split(',').map(Number);
  const stride = Number(read('stride'));
  if (Number(read('bits_per_pixel')) !== 32) return undefined;
  // As much as four bytes each of 8192 × 8192: what is larger is not a screen.
  if (!(width >= SIDE && height >= SIDE && width <= 8192 && height <= 8192 && stride >= width * 4))
    return undefined;
  return stride <= 8192 * 4 ? { width, height, stride } : undefined;
}

/** The mark in the middle of black. */
export function marked({ width, height, stride }: FrameBuffer): Buffer {
  const picture = Buffer.alloc(stride * height);
  const [left, top] = [(width - SIDE) >> 1, (height - SIDE) >> 1];
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) picture.set(colourOf(shadeAt(x, y)), (top + y) * stride + (left + x) * 4);
  return picture;
}

if (import.meta.main) {
  const name = process.argv[2] ?? '';
  const folder = `/sys/class/graphics/${name}`;
  try {
    const buffer = frameBuffer((file) => readFileSync(`${folder}/${file}`, 'utf8').trim());
    if (buffer) {
      // No console is on it that would have set a mode. Asked for what it has, it sets one; a compositor that is there is not disturbed.
      writeFileSync(`${folder}/bits_per_pixel`, '32');
      writeFileSync(`/dev/${name}`, marked(buffer));
    }
  } catch (error) {
    // Another driver took its place meanwhile, or it cannot do that. The screen is dark a while longer, and no unit has failed for it.
    console.error(`${name}: our mark was not drawn: ${(error as Error).message}`);
  }
}
