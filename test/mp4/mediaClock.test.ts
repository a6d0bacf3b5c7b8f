import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MediaClock, type MediaMoment } from '../../daemon/mp4/mediaClock.ts';

type Step = [mediaTime: number, receivedAt: number, key?: boolean];

function read(steps: readonly Step[], clock = new MediaClock()) {
  return steps.map(([mediaTime, receivedAt, key]) => clock.at({ mediaTime, receivedAt, key: key ?? false }));
}

/** Pictures at 25 a second; `received`: when the one of a media time arrives. */
function session(count: number, received: (media: number) => number, from = 0): Step[] {
  return Array.from({ length: count }, (_, i) => {
    const media = from + i * 40;
    return [media, received(media), i % 25 === 0];
  });
}

const roundTimes = (steps: readonly Step[]) => read(steps).map(({ time }) => Math.round(time));

describe('within a session', () => {
  test('the first picture is when it arrived, the others at the camera’s distances', () => {
    assert.deepEqual(
      roundTimes([
        [0, 7000, true],
        [40, 7041],
        [80, 7079],
      ]),
      [7000, 7040, 7080],
    );
  });

  test('jitter of the network is taken out', () => {
    const times = read(session(500, (media) => 5000 + media + (media % 200))).map(({ time }) => time);
    for (let i = 1; i < times.length; i++) {
      const step = times[i]! - times[i - 1]!;
      assert.ok(Math.abs(step - 40) <= 0.5, `${step}`);
    }
  });

  test('a clock that drifts by 500 parts in a million is followed, without a jump', () => {
    const readings = read(session(100_000, (media) => 5000 + media * 1.0005));
    assert.ok(readings.every(({ discontinuity }) => !discontinuity));
    const last = readings.at(-1)!.time;
    assert.ok(Math.abs(last - (5000 + 99_999 * 40 * 1.0005)) < 50, `${last}`);
  });

  test('B pictures keep their distance from the picture that they are shown before', () => {
    assert.deepEqual(
      roundTimes([
        [0, 5000, true],
        [120, 5040],
        [40, 5080],
        [80, 5120],
        [240, 5160],
      ]),
      [5000, 5120, 5040, 5080, 5240],
    );
  });

  test('a clock that falls behind for good is anchored anew after half a second', () => {
    const readings = read([
      ...session(10, (media) => 5000 + media),
      ...session(30, (media) => 8000 + media, 400).map(([media, at]): Step => [media, at]),
    ]);
    const jumps = readings.flatMap(({ discontinuity }, i) => (discontinuity ? [i] : []));
    assert.deepEqual(jumps, [10 + 13]);
    assert.equal(readings[23]!.time, 8000 + 400 + 13 * 40);
  });

  test('a connection that stalls for three seconds and catches up moves nothing', () => {
    const readings = read([
      ...session(10, (media) => 5000 + media),
      ...session(75, () => 8400, 400).map(([media, at]): Step => [media, at]),
      ...session(50, (media) => 5000 + media, 3400).map(([media, at]): Step => [media, at]),
    ]);
    assert.ok(readings.every(({ discontinuity }) => !discontinuity));
    assert.ok(Math.abs(readings.at(-1)!.time - (5000 + 3400 + 49 * 40)) < 40);
  });

  test('a burst from before PLAY runs ahead of arrival by two seconds at most', () => {
    const readings = read(session(150, () => 5000));
    assert.ok(readings.every(({ time }) => time < 5000 + 2000 + 150 + 40));
    assert.ok(readings.some(({ discontinuity }) => discontinuity));
  });
});

describe('a new session', () => {
  test('goes on where its first picture arrived, and says so', () => {
    const readings = read([...session(50, (media) => 5000 + media), [0, 12_000, true], [40, 12_041]]);
    assert.deepEqual(
      readings.slice(49).map(({ time, discontinuity }) => [Math.round(time), discontinuity]),
      [
        [6960, false],
        [12_000, true],
        [12_040, false],
      ],
    );
  });

  test('is recognized even where the one before lasted a moment', () => {
    const readings = read([
      [0, 5000, true],
      [40, 5040],
      [0, 5900, true],
    ]);
    assert.deepEqual(readings[2], { time: 5900, discontinuity: true });
  });

  test('never begins before what was given out', () => {
    const readings = read([
      [0, 5000, true],
      [1500, 5010],
      [0, 5100, true],
    ]);
    assert.ok(readings[2]!.time > readings[1]!.time);
  });
});

test('the time of sound follows from the pictures’', () => {
  const clock = new MediaClock();
  assert.equal(clock.timeOf(10), undefined);
  clock.at({ mediaTime: 100, receivedAt: 5100, key: true });
  assert.equal(clock.timeOf(110), 5110);
});

test('whatever comes, pictures after all before them get a higher time, the others none before their anchor', () => {
  const step = fc.record({
    media: fc.oneof(
      fc.double({ min: -3000, max: 3000, noNaN: true }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.constantFrom(0, 40, -40),
    ),
    wait: fc.oneof(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1e7, noNaN: true }),
    ),
    key: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = new MediaClock();
      let moment: MediaMoment = { mediaTime: 0, receivedAt: 5000, key: true };
      let highest = Number.NEGATIVE_INFINITY;
      let highestMedia = Number.NEGATIVE_INFINITY;
      let anchored = Number.NEGATIVE_INFINITY;
      for (const { media, wait, key } of steps) {
        moment = { mediaTime: moment.mediaTime + media, receivedAt: moment.receivedAt + wait, key };
        const { time, discontinuity } = clock.at(moment);
        assert.ok(Number.isFinite(time));
        if (discontinuity || highest === Number.NEGATIVE_INFINITY || moment.mediaTime >= highestMedia) {
          assert.ok(time > highest, `${time} after ${highest}`);
          if (discontinuity || highest === Number.NEGATIVE_INFINITY) anchored = time;
          highest = time;
          highestMedia = moment.mediaTime;
        } else assert.ok(time >= anchored);
      }
    }),
  );
});
