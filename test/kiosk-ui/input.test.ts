import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DoubleTap } from '../../kiosk-ui/wall/doubleTap.ts';
import { tileOfKey } from '../../kiosk-ui/wall/keys.ts';

describe('tileOfKey', () => {
  it('dials the first nine tiles with 1–9 and the tenth with 0', () => {
    assert.deepEqual(['1', '9', '0'].map(tileOfKey), [0, 8, 9]);
  });

  it('knows no other key', () => {
    for (const key of ['a', 'F1', 'Escape', '', '10', '٣']) assert.equal(tileOfKey(key), undefined, key);
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
