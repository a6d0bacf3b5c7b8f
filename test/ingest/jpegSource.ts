/** JPEGs that ffmpeg makes, taken apart without the code under test. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** 4:2:0 by default. @param more arguments of ffmpeg, which take the place of those before */
export async function ffmpegJpeg(size: string, more: readonly string[] = []): Promise<Buffer> {
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}`, '-frames:v', '1', '-pix_fmt', 'yuvj420p'];
  const coder = ['-c:v', 'mjpeg', '-huffman', 'default', '-q:v', '4', ...more, '-f', 'mjpeg', 'pipe:1'];
  const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', ...source, ...coder], {
    encoding: 'buffer',
  });
  return stdout;
}

function segments(jpeg: Buffer): { marker: number; data: Buffer; end: number }[] {
  const list = [];
  for (let at = 2; jpeg[at] === 0xff; ) {
    const marker = jpeg[at + 1]!;
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    list.push({ marker, data: jpeg.subarray(at + 4, end), end });
    if (marker === 0xda) break;
    at = end;
  }
  return list;
}

/** What stands behind the headers, without the end. */
export function scanOf(jpeg: Buffer): Buffer {
  return jpeg.subarray(segments(jpeg).find(({ marker }) => marker === 0xda)?.end, -2);
}

/** Luminance, chrominance; where there is one only, that for both. */
export function tablesIn(jpeg: Buffer): Buffer {
  const found: Buffer[] = [];
  for (const { marker, data } of segments(jpeg)) {
    if (marker !== 0xdb) continue;
    for (let at = 0; at < data.length; ) {
      const length = data[at]! >> 4 ? 128 : 64;
      found.push(data.subarray(at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
  return Buffer.concat(found.length === 1 ? [found[0]!, found[0]!] : found);
}
