import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import { type Clip, prepareClips } from './clip.ts';
import { findEncoderTools } from './encode.ts';
import { lumaFromRgba, readFrameStamp, STAMP_CELLS, STAMP_MAX, stampCells } from './frameStamp.ts';
import { CACHE_DIR } from './index.ts';

function picture(number: number, width: number, height: number): Uint8Array {
  const luma = new Uint8Array(width * height).fill(120);
  const cells = stampCells(number);
  for (let y = 0; y < height / 20; y++) {
    for (let x = 0; x < width; x++) luma[y * width + x] = cells[Math.floor((x * STAMP_CELLS) / width)]!;
  }
  return luma;
}

describe('frame stamp', () => {
  it('is read back for every number', () => {
    for (let n = 0; n <= STAMP_MAX; n += 7) assert.equal(readFrameStamp(picture(n, 160, 90), 160, 90), n);
    assert.equal(readFrameStamp(picture(STAMP_MAX, 160, 90), 160, 90), STAMP_MAX);
  });

  it('is read from a tile inside a larger picture by its stride', () => {
    const tile = picture(1234, 320, 180);
    const screen = new Uint8Array(1000 * 300);
    for (let y = 0; y < 180; y++) screen.set(tile.subarray(y * 320, (y + 1) * 320), (y + 50) * 1000 + 200);
    assert.equal(readFrameStamp(screen.subarray(50 * 1000 + 200), 320, 180, 1000), 1234);
  });

  it('is undefined in pictures without a strip, with a broken strip, and in too few bytes', () => {
    assert.equal(readFrameStamp(new Uint8Array(160 * 90).fill(120), 160, 90), undefined);
    assert.equal(readFrameStamp(new Uint8Array(10), 160, 90), undefined);
    assert.equal(readFrameStamp(new Uint8Array(0), 0, 0), undefined);
    const broken = picture(77, 320, 180);
    const other = 255 - broken[150]!;
    for (let y = 0; y < 9; y++) broken.fill(other, y * 320 + 150, y * 320 + 160);
    assert.equal(readFrameStamp(broken, 320, 180), undefined);
  });
});

describe('frame stamp in a clip', () => {
  let clip: Clip;
  before(async () => {
    const size = { width: 1280, height: 720, fps: 15, frames: 30, gopFrames: 15, slices: 1 };
    const wanted = [{ title: 'Stamp', scene: 'street', hue: 200, ...size }] as const;
    const tools = () => findEncoderTools(() => {});
    [clip] = (await prepareClips(wanted, { cacheDir: CACHE_DIR, tools })) as [Clip];
  });

  for (const [width, height] of [
    [160, 90],
    [213, 120],
    [480, 270],
    [1280, 720],
  ] as const) {
    it(`survives scaling to ${width}×${height} and JPEG at quality 40`, async () => {
      const pictures = await decode(clip, width, height);
      assert.equal(pictures.length, 30);
      pictures.forEach((rgba, n) => {
        if (width > 500 && n % 10 !== 0) return;
        const { data } = jpeg.encode({ data: rgba, width, height }, 40);
        const decoded = jpeg.decode(data, { useTArray: true });
        assert.equal(readFrameStamp(lumaFromRgba(decoded.data, width, height), width, height), n);
      });
    });
  }
});

/** All pictures of a clip, scaled by ffmpeg, RGBA. */
async function decode(clip: Clip, width: number, height: number): Promise<Buffer[]> {
  const child = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'h264', '-i', 'pipe:0', '-vf', `scale=${width}:${height}`],
    ...['-pix_fmt', 'rgba', '-f', 'rawvideo', 'pipe:1'],
  ]);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(annexB(clip));
  await once(child, 'close');
  const all = Buffer.concat(chunks);
  const size = width * height * 4;
  return Array.from({ length: all.length / size }, (_, i) => all.subarray(i * size, (i + 1) * size));
}

/** RFC 6184, only as far as ffmpeg's muxer goes: single NAL units, STAP-A, FU-A. */
function annexB(clip: Clip): Buffer {
  const start = Buffer.from([0, 0, 0, 1]);
  const parts: Buffer[] = [];
  for (const packet of clip.frames.flatMap((frame) => frame.packets)) {
    const payload = packet.subarray(12);
    const type = payload[0]! & 0x1f;
    if (type === 28) {
      if (payload[1]! & 0x80) parts.push(start, Buffer.from([(payload[0]! & 0xe0) | (payload[1]! & 0x1f)]));
      parts.push(payload.subarray(2));
    } else if (type === 24) {
      for (let at = 1; at < payload.length; at += 2 + payload.readUInt16BE(at)) {
        parts.push(start, payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
      }
    } else parts.push(start, payload);
  }
  return Buffer.concat(parts);
}
