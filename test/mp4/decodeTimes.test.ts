import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DecodeTimes, type PictureTimes } from '../../daemon/mp4/decodeTimes.ts';

const FRAME = 40;
/** One unit is one millisecond. */
function times(presented: readonly number[], keys: readonly number[] = [0]) {
  const decodeTimes = new DecodeTimes(1000);
  const result = presented.map((ms, i) => decodeTimes.at(ms, keys.includes(i)));
  return { result, dts: result.map(({ dts }) => dts), decodeTimes };
}

/** Presentation times (ms) in decoding order: key, then groups of a P picture and the B pictures before it. */
function groups(count: number, bPictures: number, from = 1000): number[] {
  const order = [0];
  for (let g = 0; g < count; g++) {
    const p = (g + 1) * (bPictures + 1);
    order.push(p);
    for (let b = 1; b <= bPictures; b++) order.push(p - bPictures - 1 + b);
  }
  return order.map((n) => from + n * FRAME);
}

function assertInOrder(result: readonly PictureTimes[]): void {
  const [first] = result;
  const mayBeNegative = first && first.pts < 0;
  for (const [i, { dts, duration }] of result.entries()) {
    assert.ok(Number.isSafeInteger(dts) && (dts >= 0 || mayBeNegative), `dts ${dts}`);
    assert.ok(duration >= 1);
    const next = result[i + 1];
    if (next) assert.ok(next.dts >= dts + duration, `${next.dts} after ${dts} + ${duration}`);
  }
}

describe('without B pictures', () => {
  test('a picture is decoded when the one before it is shown, and lasts as long as that one did', () => {
    const { result } = times([1000, 1040, 1080, 1200, 1240]);
    assert.deepEqual(result, [
      { dts: 960, pts: 1000, duration: 40 },
      { dts: 1000, pts: 1040, duration: 40 },
      { dts: 1040, pts: 1080, duration: 40 },
      { dts: 1080, pts: 1200, duration: 120 },
      { dts: 1200, pts: 1240, duration: 40 },
    ]);
  });

  test('each ends where the next begins, however irregular the camera', () => {
    const { result } = times([1000, 1010, 1090, 1091, 1500, 2900, 2940]);
    assertInOrder(result);
    for (const [i, { dts, duration }] of result.slice(0, -1).entries())
      assert.equal(dts + duration, result[i + 1]!.dts);
  });

  test('pictures at one time are decoded one after the other', () => {
    const { result } = times([1000, 1000, 1000]);
    assertInOrder(result);
  });

  test('at the very beginning of the timeline none is negative', () => {
    const { dts } = times([0, 40, 80]);
    assert.deepEqual(dts, [0, 2, 40]);
  });

  test('times are in units of the timescale', () => {
    const decodeTimes = new DecodeTimes(90_000);
    decodeTimes.at(1000, true);
    assert.deepEqual(decodeTimes.at(1000 + 100 / 3, false), { dts: 90_000, pts: 93_000, duration: 3000 });
  });

  test('after a year it counts on', () => {
    const decodeTimes = new DecodeTimes(90_000);
    const year = 365 * 24 * 3_600_000;
    decodeTimes.at(year, true);
    assert.deepEqual(decodeTimes.at(year + 40, false), {
      dts: year * 90,
      pts: year * 90 + 3600,
      duration: 3600,
    });
  });
});

describe('a gap', () => {
  test('before a picture that needs the ones before it is bridged: that picture lasts so long', () => {
    const { result } = times([1000, 1040, 6040, 6080]);
    assert.deepEqual(result[2], { dts: 1040, pts: 6040, duration: 5000 });
    assert.deepEqual(result[3], { dts: 6040, pts: 6080, duration: 40 });
  });

  test('of hours before a key picture is none of its duration', () => {
    const hours = 7_200_000;
    const { result } = times([1000, 1040, hours, hours + 40], [0, 2]);
    assert.deepEqual(result[2], { dts: hours - 40, pts: hours, duration: 40 });
    assertInOrder(result);
  });

  test('between the pictures of a camera that sends one in two seconds is bridged', () => {
    const { result } = times([1000, 3000, 5000, 7000], [0, 1, 2, 3]);
    assert.deepEqual(result[3], { dts: 5000, pts: 7000, duration: 2000 });
  });
});

describe('with B pictures', () => {
  for (const bPictures of [1, 2, 3]) {
    test(`${bPictures} in a row: the depth is learned, and then no picture is decoded after it is shown`, () => {
      const { result, decodeTimes } = times(groups(20, bPictures));
      assert.equal(decodeTimes.reorderDepth, 1);
      assertInOrder(result);
      const settled = result.slice(3 * (bPictures + 1));
      for (const { dts, pts } of settled) assert.ok(dts <= pts, `${dts} ${pts}`);
      assert.deepEqual(new Set(settled.map(({ duration }) => duration)), new Set([FRAME]));
    });
  }

  test('in a pyramid: a depth of two is learned', () => {
    // I0 P4 B2 b1 b3, P8 B6 b5 b7, …
    const order = [0];
    for (let p = 4; p < 80; p += 4) order.push(p, p - 2, p - 3, p - 1);
    const { result, decodeTimes } = times(order.map((n) => 1000 + n * FRAME));
    assert.equal(decodeTimes.reorderDepth, 2);
    assertInOrder(result);
    for (const { dts, pts } of result.slice(12)) assert.ok(dts <= pts);
  });

  test('while it is learned a picture may be decoded after it is shown, by no more than those between', () => {
    const { result } = times(groups(3, 2));
    assert.deepEqual(
      result.map(({ dts, pts }) => pts - dts).filter((offset) => offset < 0),
      [-80, -47],
    );
  });

  test('a depth of more than four is not followed, but order is kept', () => {
    const { result, decodeTimes } = times([0, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => 1000 + n * FRAME));
    assert.equal(decodeTimes.reorderDepth, 4);
    assertInOrder(result);
  });
});

test('whatever the presentation times: decoding times rise, durations are positive, the next begins no earlier', () => {
  const picture = fc.tuple(fc.double({ min: -1e4, max: 4e10, noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(
      fc.array(picture, { maxLength: 60 }),
      fc.constantFrom(1000, 48_000, 90_000),
      (pictures, timescale) => {
        const decodeTimes = new DecodeTimes(timescale);
        assertInOrder(pictures.map(([ms, key]) => decodeTimes.at(ms, key)));
      },
    ),
  );
});

test('whatever the order within a depth of four: once learned, no picture is decoded after it is shown', () => {
  const cycle = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(cycle, fc.integer({ min: 5, max: 200 }), (order, frame) => {
      const presented: number[] = [];
      for (let group = 0; group < 20; group++)
        for (const n of order) presented.push(1000 + (group * 5 + n) * frame);
      const { result } = times(presented);
      assertInOrder(result);
      for (const { dts, pts } of result.slice(20)) assert.ok(dts <= pts, `${order}: ${dts} ${pts}`);
    }),
  );
});
