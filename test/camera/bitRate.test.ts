import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BitRate } from '../../daemon/camera/bitRate.ts';

const unit = (i: number, gop: number) => ({
  key: i % gop === 0,
  mediaTime: i * 40,
  data: Buffer.alloc(i % gop === 0 ? 100_000 : 10_000),
});
/** 25 pictures a second. @param from where in a group one joins */
function rateOf(from: number, pictures: number, gop: number): number | undefined {
  const rate = new BitRate();
  for (let i = from; i < from + pictures; i++) rate.push(unit(i, gop));
  return rate.value;
}

test('bits a second are those of whole groups of pictures, wherever one joins and stops', () => {
  // 100,000 + 24 × 10,000 bytes a second.
  for (const [from, pictures] of [
    [0, 51],
    [10, 100],
    [24, 77],
  ] as const)
    assert.equal(rateOf(from, pictures, 25), 340_000 * 8);
});

test('without a whole group: of what came; of one picture: nobody knows', () => {
  assert.equal(rateOf(1, 51, 1_000), (51 * 10_000 * 8) / 2);
  assert.equal(rateOf(0, 1, 25), undefined);
  assert.equal(rateOf(0, 0, 25), undefined);
});

test('a new session begins anew', () => {
  const rate = new BitRate();
  for (let i = 0; i < 30; i++) rate.push(unit(i, 25));
  rate.reset();
  assert.equal(rate.value, undefined);
  for (let i = 0; i < 51; i++) rate.push(unit(i, 25));
  assert.equal(rate.value, 340_000 * 8);
});
