import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isScreenOff, isWithin, localTime, scheduledEntry } from '../../kiosk-ui/wall/schedule.ts';

const [MON, TUE, WED, SUN] = [1, 2, 3, 7];
const at = (weekday: number, time: string) => {
  const [hour, minute] = time.split(':').map(Number);
  return { weekday, minute: hour! * 60 + minute! };
};

describe('isWithin', () => {
  const cases: [string, { days: number[]; from: string; to: string }, number, string, boolean][] = [
    ['the first minute', { days: [MON], from: '08:00', to: '17:30' }, MON, '08:00', true],
    ['the minute before', { days: [MON], from: '08:00', to: '17:30' }, MON, '07:59', false],
    ['the last minute', { days: [MON], from: '08:00', to: '17:30' }, MON, '17:29', true],
    ['the end itself', { days: [MON], from: '08:00', to: '17:30' }, MON, '17:30', false],
    ['another day', { days: [MON], from: '08:00', to: '17:30' }, TUE, '12:00', false],
    ['the evening of hours over midnight', { days: [MON], from: '20:00', to: '06:00' }, MON, '23:59', true],
    ['their morning after', { days: [MON], from: '20:00', to: '06:00' }, TUE, '05:59', true],
    ['their end', { days: [MON], from: '20:00', to: '06:00' }, TUE, '06:00', false],
    ['the morning of their own day', { days: [MON], from: '20:00', to: '06:00' }, MON, '05:00', false],
    ['the evening of the day after', { days: [MON], from: '20:00', to: '06:00' }, TUE, '21:00', false],
    ['Monday morning after Sunday', { days: [SUN], from: '22:00', to: '05:00' }, MON, '04:00', true],
    ['a whole day: its evening', { days: [MON], from: '00:00', to: '00:00' }, MON, '23:59', true],
    ['a whole day: the next one', { days: [MON], from: '00:00', to: '00:00' }, TUE, '00:00', false],
    ['24 hours from noon', { days: [MON], from: '12:00', to: '12:00' }, TUE, '11:59', true],
    ['24 hours from noon, over', { days: [MON], from: '12:00', to: '12:00' }, TUE, '12:00', false],
  ];
  for (const [what, hours, day, time, expected] of cases) {
    it(`${expected ? 'holds for' : 'does not hold for'} ${what}`, () => {
      assert.equal(isWithin(hours, at(day, time)), expected);
    });
  }
});

describe('scheduledEntry', () => {
  const sequence = [{ layout: 'x', dwell_seconds: 10 }];
  const wall = {
    sequence: [],
    schedule: [
      { days: [MON, TUE], from: '08:00', to: '12:00', sequence },
      { days: [TUE, WED], from: '10:00', to: '14:00', sequence },
    ],
  };

  it('is the first entry that fits, and none where none does', () => {
    assert.equal(scheduledEntry(wall, at(TUE, '11:00')), 0);
    assert.equal(scheduledEntry(wall, at(TUE, '13:00')), 1);
    assert.equal(scheduledEntry(wall, at(MON, '13:00')), -1);
    assert.equal(scheduledEntry({ sequence: [] }, at(MON, '13:00')), -1);
  });
});

describe('isScreenOff', () => {
  it('is so within any of the hours', () => {
    const wall = {
      sequence: [],
      screen_off: [
        { days: [MON], from: '00:00', to: '06:00' },
        { days: [MON], from: '22:00', to: '00:00' },
      ],
    };
    assert.deepEqual(
      ['05:59', '06:00', '22:00', '23:59'].map((time) => isScreenOff(wall, at(MON, time))),
      [true, false, true, true],
    );
    assert.equal(isScreenOff(wall, at(TUE, '00:00')), false);
    assert.equal(isScreenOff({ sequence: [] }, at(MON, '03:00')), false);
  });
});

describe('localTime', () => {
  const time = (iso: string, zone: string | undefined) => localTime(Date.parse(iso), zone);

  it('reads the clock of the box’s time zone', () => {
    assert.deepEqual(time('2026-11-22T17:30:00Z', 'Asia/Taipei'), at(MON, '01:30'));
    assert.deepEqual(time('2026-11-22T17:30:00Z', 'UTC'), at(SUN, '17:30'));
  });

  it('is midnight at 0:00, not 24:00', () => {
    assert.deepEqual(time('2026-11-22T16:00:00Z', 'Asia/Taipei'), at(MON, '00:00'));
  });

  it('goes from 1:59 to 3:00 when summer time begins: hours from 2:30 on begin at 3:00', () => {
    const hours = { days: [SUN], from: '02:30', to: '04:00' };
    assert.equal(isWithin(hours, time('2026-03-29T00:59:00Z', 'Europe/Berlin')), false);
    assert.deepEqual(time('2026-03-29T01:00:00Z', 'Europe/Berlin'), at(SUN, '03:00'));
    assert.equal(isWithin(hours, time('2026-03-29T01:00:00Z', 'Europe/Berlin')), true);
  });

  it('has 2:30 twice when summer time ends: hours from then on begin twice', () => {
    const hours = { days: [SUN], from: '02:30', to: '02:45' };
    const seen = ['00:30', '00:50', '01:30', '01:50'].map((utc) =>
      isWithin(hours, time(`2026-10-25T${utc}:00Z`, 'Europe/Berlin')),
    );
    assert.deepEqual(seen, [true, false, true, false]);
  });

  it('takes the browser’s own time where the zone is unknown', () => {
    const now = new Date('2026-11-22T17:30:00Z');
    const own = now.getHours() * 60 + now.getMinutes();
    assert.equal(time(now.toISOString(), 'Mars/Olympus').minute, own);
    assert.equal(time(now.toISOString(), undefined).minute, own);
  });
});
