import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Dial, keyOf } from '../../kiosk-ui/wall/dial.ts';
import { DoubleTap } from '../../kiosk-ui/wall/doubleTap.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';
import { actionOfKey } from '../../kiosk-ui/wall/keys.ts';
import { neighbour } from '../../kiosk-ui/wall/neighbour.ts';
import { ptzVector } from '../../kiosk-ui/wall/ptzVector.ts';

describe('actionOfKey', () => {
  it('knows the keys of keyboards and of remote controls', () => {
    const same: [string[], object][] = [
      [['7'], { do: 'digit', digit: 7 }],
      [['ArrowUp'], { do: 'arrow', x: 0, y: -1 }],
      [['Enter', 'Select', 'OK'], { do: 'enter' }],
      [['Escape', 'BrowserBack', 'GoBack'], { do: 'back' }],
      [[' ', 'MediaPlayPause'], { do: 'hold' }],
      [['PageDown', 'ChannelUp'], { do: 'next' }],
      [['PageUp', 'ChannelDown'], { do: 'previous' }],
      [['ColorF0Red'], { do: 'layout', index: 0 }],
      [['ColorF3Blue'], { do: 'layout', index: 3 }],
      [['?', 'Help', 'Info'], { do: 'help' }],
      [['p', 'P'], { do: 'move' }],
    ];
    for (const [keys, action] of same) {
      for (const key of keys) assert.deepEqual(actionOfKey(key), action, key);
    }
  });

  it('knows no other key', () => {
    for (const key of ['a', 'F5', '', '10', '٣', 'Tab', 'constructor']) {
      assert.equal(actionOfKey(key), undefined, key);
    }
  });
});

describe('Dial', () => {
  it('dials up to ten tiles with one digit each, 0 the tenth', () => {
    const dial = new Dial();
    assert.deepEqual(
      [1, 9, 0].map((digit) => dial.push(digit, 10, 0)),
      [{ position: 0 }, { position: 8 }, { position: 9 }],
    );
    assert.equal(dial.push(7, 4, 0), 'nothing');
  });

  it('takes two digits that are typed quickly where there are more tiles', () => {
    const dial = new Dial();
    assert.equal(dial.push(1, 16, 0), 'waiting');
    assert.equal(dial.digits, '1');
    assert.deepEqual(dial.push(4, 16, 500), { position: 13 });
    assert.equal(dial.digits, '');
  });

  it('takes the one digit when no other follows, or at Enter', () => {
    const dial = new Dial();
    dial.push(1, 16, 0);
    assert.equal(dial.tick(16, 1_300), undefined);
    assert.deepEqual(dial.tick(16, 1_301), { position: 0 });
    dial.push(1, 16, 5_000);
    assert.deepEqual(dial.finish(16), { position: 0 });
    assert.equal(dial.tick(16, 99_000), undefined);
  });

  it('does not wait after a digit that cannot be the first of two', () => {
    assert.deepEqual(new Dial().push(2, 16, 0), { position: 1 });
    assert.equal(new Dial().push(2, 20, 0), 'waiting');
  });

  it('knows a leading nought, and no tile beyond the last', () => {
    const dial = new Dial();
    dial.push(0, 16, 0);
    assert.deepEqual(dial.push(5, 16, 100), { position: 4 });
    dial.push(1, 16, 5_000);
    assert.equal(dial.push(9, 16, 5_100), 'nothing');
  });

  it('dials every tile by what is written on it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(), (tiles, any) => {
        const position = any % tiles;
        const dial = new Dial();
        let result: unknown;
        for (const digit of keyOf(position, tiles)) result = dial.push(Number(digit), tiles, 0);
        if (result === 'waiting') result = dial.finish(tiles);
        assert.deepEqual(result, { position });
      }),
    );
  });
});

describe('neighbour', () => {
  const nine = evenGrid(9, 16 / 9);

  it('goes to the next tile in the row and in the column, and stays at the edge', () => {
    assert.equal(neighbour(nine, 4, 1, 0), 5);
    assert.equal(neighbour(nine, 4, -1, 0), 3);
    assert.equal(neighbour(nine, 4, 0, -1), 1);
    assert.equal(neighbour(nine, 4, 0, 1), 7);
    assert.equal(neighbour(nine, 2, 1, 0), undefined);
  });

  it('goes from a large tile to the first of the small ones beside it, and back', () => {
    const large = { x: 0, y: 0, width: 2 / 3, height: 2 / 3 };
    const layout = [
      large,
      { x: 2 / 3, y: 0, width: 1 / 3, height: 1 / 3 },
      { x: 2 / 3, y: 1 / 3, width: 1 / 3, height: 1 / 3 },
      { x: 0, y: 2 / 3, width: 1 / 3, height: 1 / 3 },
    ];
    assert.equal(neighbour(layout, 0, 1, 0), 1);
    assert.equal(neighbour(layout, 2, -1, 0), 0);
    assert.equal(neighbour(layout, 0, 0, 1), 3);
  });

  it('reaches every tile of a grid from every other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), (n) => {
        const grid = evenGrid(n, 16 / 9);
        const seen = new Set([0]);
        const open = [0];
        for (let from = open.pop(); from !== undefined; from = open.pop()) {
          for (const [x, y] of [
            [1, 0],
            [-1, 0],
            [0, 1],
            [0, -1],
          ] as const) {
            const to = neighbour(grid, from, x, y);
            if (to !== undefined && !seen.has(to)) {
              seen.add(to);
              open.push(to);
            }
          }
        }
        assert.equal(seen.size, n);
      }),
    );
  });
});

describe('ptzVector', () => {
  it('moves nothing near the press point', () => {
    assert.equal(ptzVector(0, 0, 1080), undefined);
    assert.equal(ptzVector(15, -15, 1080), undefined);
  });

  it('is positive to the right and upwards, faster the farther, at most 1', () => {
    const near = ptzVector(60, -60, 1080)!;
    const far = ptzVector(300, -300, 1080)!;
    assert.ok(near.pan > 0 && near.tilt > 0 && far.pan > near.pan);
    fc.assert(
      fc.property(fc.integer({ min: -4000, max: 4000 }), fc.integer({ min: -4000, max: 4000 }), (dx, dy) => {
        const vector = ptzVector(dx, dy, 1080);
        if (!vector) return;
        assert.ok(Math.hypot(vector.pan, vector.tilt) <= 1.01);
        assert.ok(Math.sign(vector.pan) * dx >= 0 && Math.sign(vector.tilt) * dy <= 0);
      }),
    );
    assert.deepEqual(ptzVector(900, 0, 1080), { pan: 1, tilt: 0 });
  });
});

describe('DoubleTap', () => {
  it('is two taps on one tile, near and soon', () => {
    const taps = new DoubleTap<string>();
    assert.equal(taps.tap('a', 100, 100, 0), false);
    assert.equal(taps.tap('a', 110, 95, 300), true);
  });

  it('is not two taps far apart in time, in place, or on two tiles', () => {
    const late = new DoubleTap<string>();
    late.tap('a', 0, 0, 0);
    assert.equal(late.tap('a', 0, 0, 401), false);
    const far = new DoubleTap<string>();
    far.tap('a', 0, 0, 0);
    assert.equal(far.tap('a', 60, 0, 100), false);
    const other = new DoubleTap<string>();
    other.tap('a', 0, 0, 0);
    assert.equal(other.tap('b', 0, 0, 100), false);
  });

  it('does not count the second tap of a pair as the first of the next', () => {
    const taps = new DoubleTap<string>();
    assert.deepEqual(
      [0, 100, 200, 300].map((time) => taps.tap('a', 0, 0, time)),
      [false, true, false, true],
    );
  });
});
