/** What the wall’s hours come to, as the wall page says it; and what a layout costs, in words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Wall } from '../../daemon/schema.ts';
import { heldBack, limitsOf } from '../../kiosk-ui/admin/layouts/loadWords.ts';
import {
  areHours,
  clock,
  dayPlan,
  isValid,
  minutesOf,
  programmeAt,
  sameWall,
} from '../../kiosk-ui/admin/wall/programme.ts';
import { isScreenOff, scheduledEntry } from '../../kiosk-ui/wall/schedule.ts';

const day = [{ layout: 'day', dwell_seconds: 30 }];
const wall: Wall = {
  sequence: [],
  schedule: [
    { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', sequence: day },
    { days: [5], from: '12:00', to: '02:00', sequence: day },
  ],
  screen_off: [{ days: [6, 7], from: '01:00', to: '06:00' }],
};
const words = (weekday: number) =>
  dayPlan(wall, weekday).map(
    ({ from, to, entry, off }) => `${clock(from)}–${clock(to)} ${off ? 'off' : entry}`,
  );

describe('a day of the wall', () => {
  it('is told without gaps, the upper entry first', () => {
    assert.deepEqual(words(1), ['00:00–08:00 -1', '08:00–18:00 0', '18:00–24:00 -1']);
    assert.deepEqual(words(5), ['00:00–08:00 -1', '08:00–18:00 0', '18:00–24:00 1']);
  });

  it('has what began the evening before, and a dark screen over all', () => {
    assert.deepEqual(words(6), ['00:00–01:00 1', '01:00–06:00 off', '06:00–24:00 -1']);
  });

  it('says at every minute what the wall itself does then', () => {
    const time = fc.integer({ min: 0, max: 1439 }).map(clock);
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    const hours = fc.record({ days, from: time, to: time });
    fc.assert(
      fc.property(
        fc.array(hours, { maxLength: 4 }),
        fc.array(hours, { maxLength: 2 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 1439 }),
        (schedule, off, weekday, minute) => {
          const any: Wall = {
            sequence: [],
            schedule: schedule.map((one) => ({ ...one, sequence: day })),
            screen_off: off,
          };
          const plan = dayPlan(any, weekday);
          assert.equal(plan[0]!.from, 0);
          assert.equal(plan.at(-1)!.to, 1440);
          for (const [n, { from }] of plan.entries()) if (n > 0) assert.equal(from, plan[n - 1]!.to);
          const there = plan.find(({ from, to }) => minute >= from && minute < to)!;
          assert.equal(there.off, isScreenOff(any, { weekday, minute }));
          if (!there.off) assert.equal(there.entry, scheduledEntry(any, { weekday, minute }));
        },
      ),
    );
  });
});

describe('what is on', () => {
  it('now and next, across the end of the week', () => {
    assert.deepEqual(programmeAt(wall, { weekday: 7, minute: minutesOf('12:00') }), {
      now: { entry: -1, off: false },
      next: { weekday: 1, minute: minutesOf('08:00'), entry: 0, off: false },
    });
    assert.deepEqual(programmeAt(wall, { weekday: 5, minute: minutesOf('23:00') }).next, {
      weekday: 6,
      minute: minutesOf('01:00'),
      entry: 1,
      off: true,
    });
  });

  it('stays when there are no hours, or they fill the week', () => {
    assert.equal(programmeAt({ sequence: day }, { weekday: 1, minute: 0 }).next, undefined);
    const all = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00', sequence: day }];
    assert.equal(programmeAt({ sequence: [], schedule: all }, { weekday: 3, minute: 700 }).next, undefined);
  });

  it('next week at the same hour, when there is but one change a week', () => {
    const once: Wall = {
      sequence: [],
      schedule: [{ days: [2], from: '10:00', to: '11:00', sequence: day }],
    };
    const { next } = programmeAt(once, { weekday: 2, minute: minutesOf('11:30') });
    assert.deepEqual(next, { weekday: 2, minute: minutesOf('10:00'), entry: 0, off: false });
  });
});

describe('a programme', () => {
  it('is the same however its days are ordered and whether empty lists are written', () => {
    assert.ok(sameWall({ sequence: day }, { sequence: day, schedule: [], screen_off: [] }));
    assert.ok(
      sameWall(
        { sequence: [], screen_off: [{ days: [2, 1], from: '01:00', to: '02:00' }] },
        { sequence: [], screen_off: [{ days: [1, 2], from: '01:00', to: '02:00' }] },
      ),
    );
    assert.ok(!sameWall({ sequence: day }, { sequence: [] }));
  });

  it('may be saved only with days, times and seconds', () => {
    assert.ok(isValid(wall));
    assert.ok(!areHours({ days: [], from: '08:00', to: '09:00' }));
    assert.ok(!areHours({ days: [1], from: '', to: '09:00' }));
    assert.ok(!isValid({ sequence: [{ layout: 'day', dwell_seconds: Number.NaN }] }));
  });
});

describe('a load', () => {
  it('names the tiles that are held back, those with the fewest pictures first', () => {
    const tile = (index: number, limited: number | null) => ({
      index,
      camera: null,
      stream: null,
      percent: 10,
      fps: 25,
      limited_fps: limited,
      assumed: false,
    });
    const load = { percent: 118, tiles: [tile(0, null), tile(2, 8.2), tile(4, 0.55), tile(6, 7.9)] };
    assert.deepEqual(heldBack(load), [
      { fps: 0.6, tiles: [5] },
      { fps: 8, tiles: [3, 7] },
    ]);
    assert.equal(limitsOf(load).get(6), 8);
    assert.equal(limitsOf(undefined).size, 0);
  });
});
