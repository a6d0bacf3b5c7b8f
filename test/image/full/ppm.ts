import type { Picture } from '../picture.ts';

/** Reads what QEMU's `screendump` writes: P6, 8 bits a channel. @throws when it is something else, or cut off */
export function readPpm(file: Uint8Array): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(Buffer.from(file.subarray(0, 64)).toString('latin1'));
  if (!head) throw new Error('this is no PPM with 8 bits a channel');
  const [width, height] = [Number(head[1]), Number(head[2])];
  const rgb = file.subarray(head[0].length, head[0].length + width * height * 3);
  if (rgb.length < width * height * 3) throw new Error('the picture is cut off');
  return { width, height, rgb };
}
