import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  added,
  divided,
  merged,
  moved,
  nudged,
  presetOf,
  rearranged,
  removed,
  resized,
  stretched,
  swapped,
  turned,
} from '../../kiosk-ui/admin/layouts/arrange.ts';
import {
  cellsOf,
  gridFor,
  isOnGrid,
  largestFree,
  overlap,
  rectOf,
  TOLERANCE,
} from '../../kiosk-ui/admin/layouts/cells.ts';
import { bodyOf, type Draft, draftOf, sameBody } from '../../kiosk-ui/admin/layouts/draft.ts';
import { PRESETS, preset } from '../../kiosk-ui/admin/layouts/presets.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';

const ORIENTATIONS = ['landscape', 'portrait'] as const;

function presetDraft(count: (typeof PRESETS)[number], orientation: Draft['orientation'] = 'landscape') {
  const { grid, rects } = preset(count, orientation);
  const tiles = rects.map((rect, id) => ({ ...rect, id, cameras: [`cam${id + 1}`] }));
  return { orientation, grid, tiles } satisfies Draft;
}

function assertWhole(draft: Draft) {
  for (const [n, tile] of draft.tiles.entries()) {
    assert.ok(tile.x >= 0 && tile.y >= 0 && tile.width > 0 && tile.height > 0, `tile ${n} has a size`);
    assert.ok(tile.x + tile.width <= 1 + TOLERANCE, `tile ${n} is inside`);
    assert.ok(tile.y + tile.height <= 1 + TOLERANCE, `tile ${n} is inside`);
    for (const other of draft.tiles.slice(n + 1)) assert.ok(!overlap(tile, other), `tile ${n} is alone`);
  }
  assert.equal(new Set(draft.tiles.map(({ id }) => id)).size, draft.tiles.length, 'ids differ');
}

describe('cells', () => {
  it('come back as they went, whatever the grid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.tuple(fc.nat(59), fc.nat(59), fc.nat(59), fc.nat(59)),
        (grid, [a, b, c, d]) => {
          const x = a % grid;
          const y = b % grid;
          const cells = { x, y, w: 1 + (c % (grid - x)), h: 1 + (d % (grid - y)) };
          const rect = rectOf(cells, grid);
          assert.deepEqual(cellsOf(rect, grid), cells);
          assert.ok(isOnGrid(rect, grid));
          assert.ok(rect.x + rect.width <= 1 + TOLERANCE);
        },
      ),
    );
  });

  it('of a third are exactly a third', () => {
    assert.deepEqual(rectOf({ x: 4, y: 8, w: 4, h: 4 }, 12), {
      x: 1 / 3,
      y: 2 / 3,
      width: 1 / 3,
      height: 1 / 3,
    });
    assert.equal(rectOf({ x: 8, y: 0, w: 8, h: 24 }, 24).x, 1 / 3);
  });

  it('of any rectangle are at least one and lie inside', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, unit, unit, fc.constantFrom(12, 20, 24), (x, y, width, height, grid) => {
        const cells = cellsOf({ x, y, width, height }, grid);
        assert.ok(cells.w >= 1 && cells.h >= 1 && cells.x >= 0 && cells.y >= 0);
        assert.ok(cells.x + cells.w <= grid && cells.y + cells.h <= grid);
      }),
    );
  });

  it('lie on the coarsest grid that has all the lines', () => {
    assert.equal(gridFor(evenGrid(9, 16 / 9)), 12);
    assert.equal(gridFor(evenGrid(25, 16 / 9)), 20);
    assert.equal(gridFor([rectOf({ x: 1, y: 1, w: 5, h: 7 }, 24)]), 24);
    assert.equal(gridFor(evenGrid(30, 16 / 9)), 30);
    assert.equal(gridFor([{ x: 0.123, y: 0.2, width: 0.3, height: 0.31 }]), 24);
  });

  it('that are free are found, the largest first', () => {
    assert.deepEqual(largestFree([], 12), { x: 0, y: 0, w: 12, h: 12 });
    assert.deepEqual(largestFree([{ x: 0, y: 0, width: 1, height: 2 / 3 }], 12), { x: 0, y: 8, w: 12, h: 4 });
    assert.equal(largestFree(evenGrid(9, 16 / 9), 12), undefined);
  });
});

describe('a preset', () => {
  for (const orientation of ORIENTATIONS)
    for (const count of PRESETS)
      it(`of ${count} for a ${orientation} screen covers it with ${count} tiles on its grid`, () => {
        const draft = presetDraft(count, orientation);
        assert.equal(draft.tiles.length, count);
        assertWhole(draft);
        const area = draft.tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0);
        assert.ok(Math.abs(area - 1) < 1e-9);
        assert.ok(draft.tiles.every((tile) => isOnGrid(tile, draft.grid)));
        assert.equal(presetOf(draft), count);
      });

  it('keeps what the tiles showed, in order', () => {
    const draft = rearranged(presetDraft(4), 9);
    assert.deepEqual(
      draft.tiles.map(({ cameras }) => cameras.join()),
      ['cam1', 'cam2', 'cam3', 'cam4', '', '', '', '', ''],
    );
  });

  it('becomes the one for an upright screen when the screen is turned; other arrangements stay', () => {
    assert.equal(presetOf(turned(presetDraft(9), 'portrait')), 9);
    const free = removed(presetDraft(9), [4]);
    assert.deepEqual(turned(free, 'portrait').tiles, free.tiles);
  });
});

describe('a layout from elsewhere', () => {
  it('is saved as it came when nothing was touched', () => {
    const unit = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(unit, unit), { maxLength: 5 }), (places) => {
        const body = { tiles: places.map(([x, y]) => ({ x, y, width: 0.37, height: 0.41, cameras: ['a'] })) };
        assert.deepEqual(bodyOf(draftOf(body)), body);
        assert.ok(sameBody(bodyOf(draftOf(body)), body));
      }),
    );
  });

  it('keeps the tiles that nobody touched when one is moved', () => {
    const body = {
      tiles: [
        { x: 0.011, y: 0.013, width: 0.3, height: 0.3, cameras: ['a'] },
        { x: 0.51, y: 0.5, width: 0.25, height: 0.25, cameras: ['b'] },
      ],
    };
    const draft = draftOf(body);
    const next = moved(draft, 1, { x: 12, y: 12, w: 6, h: 6 });
    assert.notEqual(next, draft);
    assert.deepEqual(bodyOf(next).tiles[0], body.tiles[0]);
    assert.equal(next.tiles[1]!.x, 0.5);
  });
});

describe('arranging', () => {
  it('moves a tile into free cells only', () => {
    const draft = removed(presetDraft(4), [3]);
    const cells = cellsOf(draft.tiles[0]!, 12);
    assert.deepEqual(moved(draft, 0, { ...cells, x: 6, y: 6 }).tiles[0]!.x, 0.5);
    assert.equal(moved(draft, 0, { ...cells, x: 1 }), draft);
    assert.equal(moved(draft, 0, { ...cells, x: 7, y: 6 }), draft);
  });

  it('exchanges what two tiles show and leaves the places', () => {
    const draft = presetDraft(6);
    const next = swapped(draft, 0, 5);
    assert.deepEqual(next.tiles[0], { ...draft.tiles[0], cameras: ['cam6'] });
    assert.deepEqual(next.tiles[5], { ...draft.tiles[5], cameras: ['cam1'] });
  });

  it('lets the others give way to a tile that grows', () => {
    const next = resized(presetDraft(9), 0, { x: 0, y: 0, w: 6, h: 4 });
    assertWhole(next);
    assert.deepEqual(cellsOf(next.tiles[1]!, 12), { x: 6, y: 0, w: 2, h: 4 });
    assert.equal(resized(presetDraft(9), 0, { x: 0, y: 0, w: 8, h: 8 }).tiles.length, 6);
  });

  it('by key goes one cell, or past the neighbour when there is no room', () => {
    const draft = presetDraft(4);
    const past = nudged(draft, 0, 'right');
    assert.equal(past.id, 1);
    assert.deepEqual(past.draft.tiles[1]!.cameras, ['cam1']);
    const free = nudged(removed(draft, [1]), 0, 'right');
    assert.equal(free.id, 0);
    assert.equal(free.draft.tiles[0]!.x, 1 / 12);
    assert.equal(nudged(draft, 0, 'up').draft, draft);
  });

  it('by key grows away from the edge of the screen', () => {
    const next = stretched(presetDraft(4), 1, 'right');
    assert.deepEqual(cellsOf(next.tiles[1]!, 12), { x: 5, y: 0, w: 7, h: 6 });
    assertWhole(next);
  });

  it('joins tiles with all that lies between them, and their cameras take turns', () => {
    const joined = merged(presetDraft(9), [0, 4])!;
    assert.equal(joined.draft.tiles.length, 6);
    assert.deepEqual(joined.draft.tiles[0]!.cameras, ['cam1', 'cam2', 'cam4', 'cam5']);
    assertWhole(joined.draft);
    assert.equal(merged(presetDraft(9), [3]), undefined);
  });

  it('divides a tile and deals out its cameras, on a finer grid where that needs it', () => {
    const draft = presetDraft(1);
    draft.tiles[0]!.cameras = ['a', 'b', 'c'];
    const halves = divided(draft, 0, 2, 1)!;
    assert.deepEqual(
      halves.tiles.map(({ cameras }) => cameras.join()),
      ['a,c', 'b'],
    );
    const fifths = divided(draft, 0, 5, 1)!;
    assert.equal(fifths.grid, 60);
    assert.equal(fifths.tiles[1]!.x, 1 / 5);
    assertWhole(fifths);
  });

  it('puts a new tile into the largest free place, and none where there is none', () => {
    const place = added(removed(presetDraft(9), [4]))!;
    assert.deepEqual(cellsOf(place.draft.tiles.at(-1)!, 12), { x: 4, y: 4, w: 4, h: 4 });
    assert.equal(added(presetDraft(9)), undefined);
  });

  it('never makes tiles overlap or leave the screen, whatever is done', () => {
    const direction = fc.constantFrom('left', 'right', 'up', 'down' as const);
    const step = fc.record({
      what: fc.constantFrom('nudge', 'stretch', 'resize', 'move', 'merge', 'divide', 'remove', 'add', 'turn'),
      tile: fc.nat(),
      other: fc.nat(),
      direction,
      cells: fc.record({
        x: fc.integer({ min: -2, max: 25 }),
        y: fc.integer({ min: -2, max: 25 }),
        w: fc.integer({ min: 0, max: 13 }),
        h: fc.integer({ min: 0, max: 13 }),
      }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...PRESETS), fc.array(step, { maxLength: 12 }), (count, steps) => {
        let draft: Draft = presetDraft(count);
        for (const { what, tile, other, direction, cells } of steps) {
          const pick = (n: number) => draft.tiles[n % Math.max(draft.tiles.length, 1)]?.id ?? -1;
          const id = pick(tile);
          if (what === 'nudge') draft = nudged(draft, id, direction as 'left').draft;
          if (what === 'stretch') draft = stretched(draft, id, direction as 'left');
          if (what === 'resize') draft = resized(draft, id, cells);
          if (what === 'move') draft = moved(draft, id, cells);
          if (what === 'merge') draft = merged(draft, [id, pick(other)])?.draft ?? draft;
          if (what === 'divide') draft = divided(draft, id, 1 + (cells.w % 4), 1 + (cells.h % 4)) ?? draft;
          if (what === 'remove') draft = removed(draft, [id]);
          if (what === 'add') draft = added(draft)?.draft ?? draft;
          if (what === 'turn')
            draft = turned(draft, draft.orientation === 'portrait' ? 'landscape' : 'portrait');
          assertWhole(draft);
        }
      }),
      { numRuns: 60 },
    );
  });
});
