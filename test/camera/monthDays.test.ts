import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { monthDays } from '../../daemon/camera/monthDays.ts';

const at = (text: string) => Date.parse(text) / 1000;

describe('the days of a month', () => {
  it('begin at midnight of the time zone, and follow each other', () => {
    const days = monthDays('2026-11', 'Asia/Taipei');
    assert.equal(days.length, 30);
    assert.deepEqual(days[21], {
      day: 22,
      from: at('2026-11-22T00:00+08:00'),
      to: at('2026-11-23T00:00+08:00'),
    });
    for (const [i, { from }] of days.entries()) if (i > 0) assert.equal(from, days[i - 1]!.to);
    assert.equal(monthDays('2028-02', 'UTC').length, 29);
  });

  it('have 23 and 25 hours where the clock is changed', () => {
    const hours = (month: string, day: number, zone: string) => {
      const { from, to } = monthDays(month, zone)[day - 1]!;
      return (to - from) / 3600;
    };
    assert.equal(hours('2026-03', 29, 'Europe/Berlin'), 23);
    assert.equal(hours('2026-10', 25, 'Europe/Berlin'), 25);
    assert.equal(hours('2026-09', 6, 'America/Santiago'), 23, 'a day that begins at 1 o’clock');
  });
});
