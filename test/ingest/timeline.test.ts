import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Timeline } from '../../daemon/ingest/timeline.ts';

/** Media times of [RTP timestamp, arrival ms] pairs. */
function times(
  steps: [timestamp: number, arrival: number][],
  clockRate = 90_000,
): { times: number[]; jumps: number } {
  const timeline = new Timeline(clockRate);
  return {
    times: steps.map(([timestamp, arrival]) => Math.round(timeline.at(timestamp >>> 0, arrival))),
    jumps: timeline.discontinuities,
  };
}

const CASES: {
  name: string;
  steps: [number, number][];
  clockRate?: number;
  times: number[];
  jumps: number;
}[] = [
  {
    name: 'begins at 0 and follows timestamps, not arrival',
    steps: [
      [500, 7000],
      [6500, 7200],
      [12_500, 7201],
    ],
    times: [0, 67, 133],
    jumps: 0,
  },
  {
    name: 'wraps at 32 bits',
    steps: [
      [0xffff_f000, 0],
      [0xffff_f000 + 9000, 100],
      [0xffff_f000 + 18_000, 200],
    ],
    times: [0, 100, 200],
    jumps: 0,
  },
  {
    name: 'a burst from before PLAY keeps its own pace',
    steps: [
      [0, 0],
      [9000, 1],
      [18_000, 2],
      [27_000, 3],
    ],
    times: [0, 100, 200, 300],
    jumps: 0,
  },
  {
    name: 'a step of 10 s is believed',
    steps: [
      [0, 0],
      [900_000, 40],
    ],
    times: [0, 10_000],
    jumps: 0,
  },
  {
    name: 'a step of more goes by arrival',
    steps: [
      [0, 0],
      [900_090, 40],
      [909_090, 140],
    ],
    times: [0, 40, 140],
    jumps: 1,
  },
  {
    name: 'a jump back goes by arrival, then by the new timestamps',
    steps: [
      [900_000, 0],
      [9000, 40],
      [18_000, 90],
    ],
    times: [0, 40, 140],
    jumps: 1,
  },
  {
    name: 'standing timestamps go by arrival',
    steps: [
      [9000, 0],
      [9000, 40],
      [9000, 80],
    ],
    times: [0, 40, 80],
    jumps: 0,
  },
  {
    name: 'two at once still move on',
    steps: [
      [9000, 5],
      [9000, 5],
      [9000, 5],
    ],
    times: [0, 1, 2],
    jumps: 0,
  },
  {
    name: 'clock rate 0 (a=rtpmap:123 META /0) goes by arrival',
    steps: [
      [0, 10],
      [9000, 50],
      [1, 75],
    ],
    clockRate: 0,
    times: [0, 40, 65],
    jumps: 0,
  },
  {
    name: 'clock rate NaN goes by arrival',
    steps: [
      [0, 10],
      [9000, 50],
    ],
    clockRate: Number.NaN,
    times: [0, 40],
    jumps: 0,
  },
  {
    name: 'B pictures (I P B B P) have the times at which they are shown',
    steps: [
      [0, 0],
      [27_000, 100],
      [9000, 200],
      [18_000, 300],
      [54_000, 400],
      [36_000, 500],
      [45_000, 600],
      [81_000, 700],
    ],
    times: [0, 300, 100, 200, 600, 400, 500, 900],
    jumps: 0,
  },
  {
    name: 'a clock that steps back behind the picture before goes by arrival: that is no B picture',
    steps: [
      [90_000, 0],
      [93_600, 40],
      [88_000, 80],
      [91_600, 120],
    ],
    times: [0, 40, 80, 120],
    jumps: 0,
  },
  {
    name: 'a B picture that arrives late is shown when it should be all the same',
    steps: [
      [0, 0],
      [27_000, 100],
      [9000, 900],
      [36_000, 910],
      [153_000, 950],
    ],
    times: [0, 300, 100, 400, 1700],
    jumps: 0,
  },
];

for (const { name, steps, clockRate, times: expected, jumps } of CASES) {
  test(`Timeline: ${name}`, () => {
    const result = times(steps, clockRate);
    assert.deepEqual(result.times, expected);
    assert.equal(result.jumps, jumps);
  });
}

test('Timeline: a clock that went back by less than a second is taken as new after some pictures', () => {
  const timeline = new Timeline(90_000);
  timeline.at(90_000, 0);
  for (let i = 1; i <= 40; i++) timeline.at(90_000 - 45_000 - 40 * 90 + i * 90, i * 40);
  assert.equal(timeline.discontinuities, 1);
});

test('Timeline: after a restart of the source no step is believed', () => {
  const timeline = new Timeline(90_000);
  timeline.at(1000, 0);
  timeline.restart();
  assert.equal(timeline.at(1000 + 450_000, 30), 30);
  assert.equal(Math.round(timeline.at(1000 + 459_000, 60)), 130);
  assert.equal(timeline.discontinuities, 1);
});

test('Timeline: a steady camera does not drift in 100 000 pictures across several wraps', () => {
  const timeline = new Timeline(90_000);
  let time = 0;
  for (let i = 0; i < 100_000; i++) time = timeline.at((0xf000_0000 + i * 180_000) >>> 0, i * 2000);
  assert.ok(Math.abs(time - 99_999 * 2000) < 0.01, `${time}`);
});

test('Timeline: media time always moves on, or is between the two highest before it, whatever timestamps and arrivals come', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 8000, 90_000, Number.NaN, -5),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 500 })), {
        maxLength: 60,
      }),
      (clockRate, steps) => {
        const timeline = new Timeline(clockRate);
        let arrival = 0;
        let highest = -1;
        let before = -1;
        for (const [timestamp, wait] of steps) {
          arrival += wait;
          const time = timeline.at(timestamp, arrival);
          assert.ok(Number.isFinite(time) && time > before && time !== highest, `${time}`);
          if (time < highest) continue;
          before = highest;
          highest = time;
        }
      },
    ),
  );
});

test('timeOf: what timestamps around the latest stand for, and none of it is taken for the next', () => {
  const timeline = new Timeline(90_000);
  assert.equal(timeline.timeOf(0), undefined);
  timeline.at(0xffff_f000, 0);
  timeline.at(0xffff_f000 + 9000 - 2 ** 32, 100);
  assert.deepEqual(
    [-9000, 0, 9000, 18_000, -90_000].map((ticks) => timeline.timeOf((0xffff_f000 + ticks) >>> 0)),
    [-100, 0, 100, 200, -1000],
  );
  assert.equal(timeline.timeOf(0xffff_f000 - 20 * 90_000), undefined);
  assert.equal(Math.round(timeline.at(0xffff_f000 + 18_000 - 2 ** 32, 200)), 200);
  timeline.restart();
  assert.equal(timeline.timeOf(0xffff_f000), undefined);
  const without = new Timeline(0);
  without.at(0, 0);
  assert.equal(without.timeOf(0), undefined);
});
