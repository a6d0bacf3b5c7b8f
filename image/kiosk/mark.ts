/**
 * Our mark as a picture: what firmware and kernel show before there is a page (`start.html` draws the same as SVG).
 * Pure; ../splash.ts makes the firmware's picture of it, framebuffer.ts the kernel's.
 */

/** Pixels, a square. What fits on the smallest screen a firmware sets up: 640 × 480. */
export const SIDE = 240;
/** The mark's own unit: start.html draws it in a square of sixteen. */
const UNIT = SIDE / 16;
/** The colour of both parts, on the grey axis of #e8edf2. */
const INK = [0xe8, 0xed, 0xf2] as const;

/** How much of a pixel of the square the mark covers, 0 to 255: a ring and a dot. */
export function shadeAt(x: number, y: number): number {
  const centre = (SIDE - 1) / 2;
  const distance = Math.hypot(x - centre, y - centre);
  const ring = 1 * UNIT - Math.abs(distance - 4.5 * UNIT);
  const dot = 1.5 * UNIT - distance;
  return Math.round(255 * Math.min(1, Math.max(0, Math.max(ring, dot) + 0.5)));
}

/** The colour of a shade, black to ink: blue, green, red and an unused byte, as BMP and the kernel's XRGB8888 have it. */
export function colourOf(shade: number): [number, number, number, number] {
  const [red, green, blue] = INK.map((ink) => Math.round((ink * shade) / 255)) as [number, number, number];
  return [blue, green, red, 0];
}
