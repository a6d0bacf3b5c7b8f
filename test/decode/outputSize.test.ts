import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { outputSize } from '../../daemon/decode/outputSize.ts';

const table: [string, { width: number; height: number }, { width?: number; height?: number }, string][] = [
  ['no bounds: the source', { width: 1280, height: 720 }, {}, '1280x720'],
  ['a width alone', { width: 1280, height: 720 }, { width: 640 }, '640x360'],
  ['a height alone', { width: 1280, height: 720 }, { height: 360 }, '640x360'],
  ['both, the width binds', { width: 1920, height: 1080 }, { width: 640, height: 480 }, '640x360'],
  ['both, the height binds', { width: 704, height: 576 }, { width: 640, height: 360 }, '440x360'],
  ['never enlarged', { width: 640, height: 360 }, { width: 1920, height: 1080 }, '640x360'],
  ['odd bounds become even', { width: 1280, height: 720 }, { width: 641, height: 361 }, '640x360'],
  ['odd source becomes even', { width: 1281, height: 721 }, {}, '1280x720'],
  [
    'portrait (a turned doorbell camera)',
    { width: 1536, height: 2048 },
    { width: 640, height: 360 },
    '270x360',
  ],
  ['at least 16', { width: 4096, height: 64 }, { width: 160 }, '160x16'],
];

describe('outputSize', () => {
  for (const [name, source, bounds, expected] of table) {
    it(name, () => {
      const { width, height } = outputSize(source, bounds);
      assert.equal(`${width}x${height}`, expected);
    });
  }

  it('is even, inside the bounds, not larger than the source, and close to its ratio, for any sizes', () => {
    const edge = fc.integer({ min: 16, max: 8192 });
    fc.assert(
      fc.property(
        edge,
        edge,
        fc.option(edge, { nil: undefined }),
        fc.option(edge, { nil: undefined }),
        (w, h, maxWidth, maxHeight) => {
          const size = outputSize(
            { width: w, height: h },
            {
              ...(maxWidth !== undefined && { width: maxWidth }),
              ...(maxHeight !== undefined && { height: maxHeight }),
            },
          );
          assert.equal(size.width % 2, 0);
          assert.equal(size.height % 2, 0);
          assert.ok(size.width >= 16 && size.height >= 16);
          assert.ok(size.width <= Math.min(w, maxWidth ?? w) && size.height <= Math.min(h, maxHeight ?? h));
          if (size.width > 16 && size.height > 16) {
            // Each edge is off by less than two pixels (even, and cut to the bound).
            assert.ok(Math.abs(size.height - (size.width * h) / w) < 2 + (2 * h) / w);
          }
        },
      ),
    );
  });
});
