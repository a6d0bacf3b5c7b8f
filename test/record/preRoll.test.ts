import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPicture, PreRoll } from '../../daemon/record/preRoll.ts';
import { SyntheticCamera } from './units.ts';

const PLENTY = () => 1_000_000;

describe('the last seconds in memory', () => {
  it('begin with the key picture at or before the time to which they reach back', () => {
    const roll = new PreRoll(5_000, PLENTY);
    // A key picture every two seconds; the last picture comes at 19.96 s.
    for (const unit of new SyntheticCamera().seconds(20, 50)) roll.push(unit);
    const items = roll.take(5_000 + 20_000);
    const [first] = items;
    assert.ok(first && isPicture(first) && first.key);
    assert.equal(first.mediaTime, 14_000);
    assert.equal(items.length, 6 * 25);
    assert.deepEqual(roll.take(25_000), [], 'it was handed over');
  });

  it('have the sound among the pictures, in the order in which it came', () => {
    const roll = new PreRoll(2_000, PLENTY);
    for (const item of new SyntheticCamera().withSound(10)) roll.push(item);
    const items = roll.take(15_000);
    assert.ok(items.filter((item) => !isPicture(item)).length > 25);
    for (const [i, { receivedAt }] of items.entries())
      if (i > 0) assert.ok(receivedAt >= (items[i - 1]?.receivedAt ?? 0));
  });

  it('take no more memory than they may: the oldest group goes first', () => {
    const roll = new PreRoll(10_000, () => 60_000);
    for (const unit of new SyntheticCamera(1_000).seconds(20)) {
      roll.push(unit);
      assert.ok(roll.bytes <= 60_000, `${roll.bytes}`);
    }
    const items = roll.take(25_000);
    assert.ok(items.length > 25 && items.length < 60, `${items.length}`);
    assert.ok(isPicture(items[0]!) && items[0].key);
    assert.equal(items.at(-1)?.mediaTime, 19_960);
  });

  it('are empty until the next key picture where one group is too large', () => {
    const roll = new PreRoll(1_000, () => 60_000);
    const units = new SyntheticCamera(1_000).seconds(10, 125);
    for (const unit of units.slice(0, 120)) roll.push(unit);
    assert.deepEqual(roll.take(9_800), []);
    for (const unit of units.slice(120, 130)) roll.push(unit);
    assert.equal(roll.take(10_200).length, 5);
  });

  it('are not of a camera that went away long ago', () => {
    const roll = new PreRoll(5_000, PLENTY);
    for (const unit of new SyntheticCamera().seconds(20)) roll.push(unit);
    assert.deepEqual(roll.take(31_000), []);
  });

  it('begin with a key picture, whatever comes first', () => {
    const roll = new PreRoll(5_000, PLENTY);
    const camera = new SyntheticCamera();
    for (let i = 0; i < 10; i++) roll.push(camera.picture(false));
    assert.equal(roll.bytes, 0);
    roll.push(camera.picture(true));
    assert.equal(roll.take(5_400).length, 1);
  });
});
