import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { frameBuffer, marked } from '../../../image/kiosk/framebuffer.ts';
import { splash } from '../../../image/splash.ts';

const sysfs = (files: Record<string, string>) => frameBuffer((name) => files[name] ?? '');
const virtio = { virtual_size: '1280,720', stride: '5120', bits_per_pixel: '32' };

describe('frameBuffer', () => {
  it('is what the kernel says', () => {
    assert.deepEqual(sysfs(virtio), { width: 1280, height: 720, stride: 5120 });
  });

  it('leaves alone what it cannot draw in', () => {
    for (const odd of [
      { bits_per_pixel: '16' },
      { virtual_size: '160,120' },
      { virtual_size: '' },
      { virtual_size: '1280' },
      { virtual_size: '99999,99999', stride: '399996' },
      { stride: '1280' },
      { stride: '' },
      { stride: '99999999' },
    ])
      assert.equal(sysfs({ ...virtio, ...odd }), undefined, JSON.stringify(odd));
  });
});

describe('marked', () => {
  // Rows with a tail that is not shown, as drivers align them.
  const picture = marked({ width: 800, height: 600, stride: 3328 });
  const pixel = (x: number, y: number) => [...picture.subarray(y * 3328 + x * 4, y * 3328 + x * 4 + 4)];

  it('has the dot in the middle of black, a gap, a ring', () => {
    assert.equal(picture.length, 3328 * 600);
    assert.deepEqual(pixel(400, 300), [0xf2, 0xed, 0xe8, 0]);
    assert.deepEqual(pixel(437, 300), [0, 0, 0, 0]);
    assert.deepEqual(pixel(400, 233), [0xf2, 0xed, 0xe8, 0]);
    assert.deepEqual(pixel(0, 0), [0, 0, 0, 0]);
  });

  it('is the picture that the firmware shows, pixel for pixel', () => {
    const bmp = splash();
    const pixels = bmp.readUInt32LE(10);
    for (let y = 0; y < 240; y++)
      for (let x = 0; x < 240; x++) {
        const shade = bmp[pixels + (239 - y) * 240 + x] ?? 0;
        const colour = [...bmp.subarray(54 + shade * 4, 58 + shade * 4)];
        assert.deepEqual(pixel(280 + x, 180 + y), colour, `${x}, ${y}`);
      }
  });
});

describe('the program', () => {
  it('says that it could not draw, and is not at fault: a driver may take the frame buffer away at any moment', () => {
    const program = join(import.meta.dirname, '../../../image/kiosk/framebuffer.ts');
    const { status, stderr } = spawnSync(process.execPath, [program, 'fb99'], { encoding: 'utf8' });
    assert.match(stderr, /^fb99: our mark was not drawn: ENOENT/);
    assert.equal(status, 0);
  });
});
