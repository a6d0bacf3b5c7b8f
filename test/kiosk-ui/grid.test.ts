import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evenGrid, gridOfAll, phoneColumns, type Rect } from '../../kiosk-ui/wall/grid.ts';

const columns = (n: number, aspect: number) => new Set(evenGrid(n, aspect).map(({ x }) => x)).size;

describe('evenGrid', () => {
  it('arranges square numbers squarely on a 16:9 screen', () => {
    for (const side of [1, 2, 3, 4, 5]) assert.equal(columns(side * side, 16 / 9), side);
  });

  it('chooses the columns that show 16:9 pictures largest', () => {
    assert.equal(columns(5, 16 / 9), 3);
    assert.equal(columns(12, 16 / 9), 4);
    assert.equal(columns(3, 9 / 16), 1);
    assert.equal(columns(2, 32 / 9), 2);
  });

  it('lays n equal tiles in reading order that neither leave the screen nor overlap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 64 }),
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        (n, aspect) => {
          const grid = evenGrid(n, aspect);
          assert.equal(grid.length, n);
          for (const [i, a] of grid.entries()) {
            assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= 1 + 1e-9 && a.y + a.height <= 1 + 1e-9);
            const before = grid[i - 1];
            if (before)
              assert.ok(a.y > before.y || (a.y === before.y && a.x >= before.x + before.width - 1e-9));
          }
        },
      ),
    );
  });
});

describe('gridOfAll', () => {
  it('gives every camera a tile of its own, in order', () => {
    assert.deepEqual(
      gridOfAll(['a', 'b', 'c'], 16 / 9).map(({ cameras }) => cameras),
      [['a'], ['b'], ['c']],
    );
  });

  it('lets cameras beyond the sixty-fourth take turns, none is left out', () => {
    const cameras = Array.from({ length: 150 }, (_, i) => `c${i}`);
    const tiles = gridOfAll(cameras, 16 / 9);
    assert.equal(tiles.length, 64);
    assert.deepEqual(tiles.flatMap((tile) => tile.cameras).sort(), cameras.sort());
  });

  it('is empty without cameras', () => {
    assert.deepEqual(gridOfAll([], 16 / 9), []);
  });
});

describe('phoneColumns', () => {
  const aspect = 390 / 844;
  const withCamera = (rects: Rect[]) => rects.map((rect) => ({ ...rect, cameras: ['a'] }));

  it('gives an empty tile no room', () => {
    const [first, empty, last] = evenGrid(3, 16 / 3).map((rect, i) => ({
      ...rect,
      cameras: i === 1 ? [] : ['a'],
    }));
    const rects = phoneColumns([first!, empty!, last!], aspect);
    assert.deepEqual(
      rects.map(({ x, width }) => [x, width]),
      [
        [0, 0.5],
        [0, 0],
        [0.5, 0.5],
      ],
    );
  });

  it('puts the tiles of a 3 × 3 layout into two columns in reading order', () => {
    const rects = phoneColumns(withCamera(evenGrid(9, 16 / 9)), aspect);
    assert.deepEqual(
      rects.map(({ x }) => x),
      [0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0],
    );
    const rows = new Set(rects.map(({ y }) => y.toFixed(6)));
    assert.equal(rows.size, 5);
  });

  it('gives each tile the shape of a picture', () => {
    for (const { width, height } of phoneColumns(withCamera(evenGrid(9, 16 / 9)), aspect)) {
      assert.ok(Math.abs((width * 390) / (height * 844) - 16 / 9) < 1e-9);
    }
  });

  it('puts a large tile across both columns, and nothing beside or over it', () => {
    const layout = [
      { x: 2 / 3, y: 0, width: 1 / 3, height: 1 / 2 },
      { x: 0, y: 0, width: 2 / 3, height: 1 },
      { x: 2 / 3, y: 1 / 2, width: 1 / 3, height: 1 / 2 },
    ];
    const [upper, large, lower] = phoneColumns(withCamera(layout), aspect);
    assert.deepEqual([large?.x, large?.y, large?.width], [0, 0, 1]);
    assert.equal(upper?.y, large?.height);
    assert.deepEqual([upper?.x, lower?.x, lower?.y], [0, 0.5, upper?.y]);
  });

  it('never lays one tile over another', () => {
    const unit = fc.double({ min: 0.05, max: 0.9, noNaN: true });
    const rect = fc.record({ x: unit, y: unit, width: unit, height: unit });
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 12 }), (layout) => {
        const rects = phoneColumns(withCamera(layout), aspect);
        for (const [i, a] of rects.entries()) {
          for (const b of rects.slice(i + 1)) {
            const apart =
              a.x + a.width <= b.x + 1e-9 ||
              b.x + b.width <= a.x + 1e-9 ||
              a.y + a.height <= b.y + 1e-9 ||
              b.y + b.height <= a.y + 1e-9;
            assert.ok(apart, JSON.stringify([a, b]));
          }
        }
      }),
    );
  });
});
