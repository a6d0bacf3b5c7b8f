/**
 * The picture that the firmware's screen shows from the kernel's first moment: our mark, as BMP, which is what systemd-stub reads
 * (eight bits per pixel, greys; it stands in the middle of black).
 *
 *   node image/splash.ts > splash.bmp
 */
import { colourOf, SIDE, shadeAt } from './kiosk/mark.ts';

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
  for (let shade = 0; shade < 256; shade++) bmp.set(colourOf(shade), palette + shade * 4);
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) bmp[pixels + y * SIDE + x] = shadeAt(x, y);
  return bmp;
}

if (import.meta.main) process.stdout.write(splash());
