/**
 * The picture that the firmware's screen shows from the kernel's first moment until the compositor starts: the mark of
 * `kiosk/start.html`, as BMP, which is what systemd-stub reads (eight bits per pixel, greys; it stands in the middle of black).
 *
 *   node image/splash.ts > splash.bmp
 */

/** Pixels. What fits on the smallest screen a firmware sets up: 640 × 480. */
const SIDE = 240;
/** The mark's own unit: start.html draws it in a square of sixteen. */
const UNIT = SIDE / 16;
/** The colour of both parts, on the grey axis of #e8edf2. */
const INK = [0xe8, 0xed, 0xf2] as const;

/** How much of the pixel the mark covers, 0 to 1, from its distance to the centre: a ring and a dot. */
function coverage(distance: number): number {
  const ring = 1 * UNIT - Math.abs(distance - 4.5 * UNIT);
  const dot = 1.5 * UNIT - distance;
  return Math.min(1, Math.max(0, Math.max(ring, dot) + 0.5));
}

/** BITMAPFILEHEADER, BITMAPINFOHEADER, 256 shades from black to the ink, rows from below (multiples of four bytes: SIDE is one). */
export function splash(): Buffer {
  const palette = 14 + 40;
  const pixels = palette + 256 * 4;
  const bmp = Buffer.alloc(pixels + SIDE * SIDE);
  bmp.write('BM', 0, 'latin1');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(pixels, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(SIDE, 18);
  bmp.writeInt32LE(SIDE, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(8, 28);
  bmp.writeUInt32LE(SIDE * SIDE, 34);
  bmp.writeUInt32LE(256, 46);
  for (let shade = 0; shade < 256; shade++) {
    // Blue, green, red, nothing.
    const [red, green, blue] = INK.map((ink) => Math.round((ink * shade) / 255)) as [number, number, number];
    bmp.set([blue, green, red, 0], palette + shade * 4);
  }
  const centre = (SIDE - 1) / 2;
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      bmp[pixels + y * SIDE + x] = Math.round(255 * coverage(Math.hypot(x - centre, y - centre)));
  return bmp;
}

if (import.meta.main) process.stdout.write(splash());
