import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressOf, placeOf } from '../../kiosk-ui/playback/address.ts';
import { monthBeside, monthKey, weeksOf } from '../../kiosk-ui/playback/calendar.ts';
import {
  around,
  following,
  LONGEST,
  lengthOf,
  SHORTEST,
  ticksOf,
  timeOf,
  xOf,
  zoomed,
} from '../../kiosk-ui/playback/scale.ts';
import {
  clockText,
  dayStart,
  fieldOf,
  offset,
  unixOf,
  unixOfField,
  wallTime,
  zoneText,
} from '../../kiosk-ui/playback/zone.ts';

const BERLIN = 'Europe/Berlin';
const seconds = (iso: string) => Date.parse(iso) / 1000;
/** 2026-11-22 14:32:05 in Taipei. */
const NOON = seconds('2026-11-22T06:32:05Z');

describe('the clock of the box', () => {
  it('is read in its own zone, whatever the browser’s is', () => {
    assert.equal(clockText(NOON, 'Asia/Taipei'), '14:32:05');
    assert.equal(clockText(NOON + 0.96, 'Asia/Taipei', true), '14:32:05.9');
    assert.deepEqual(wallTime(NOON, 'America/New_York'), {
      ...{ year: 2026, month: 11, day: 22 },
      ...{ hour: 1, minute: 32, second: 5 },
    });
  });

  it('tells which zone, with how far it is from UTC at that time of the year', () => {
    assert.equal(zoneText(NOON, 'Asia/Taipei'), 'Asia/Taipei (UTC+8)');
    assert.equal(zoneText(NOON, BERLIN), 'Europe/Berlin (UTC+1)');
    assert.equal(zoneText(seconds('2026-07-01T00:00:00Z'), BERLIN), 'Europe/Berlin (UTC+2)');
    assert.equal(zoneText(NOON, 'Asia/Kolkata'), 'Asia/Kolkata (UTC+5:30)');
    assert.equal(zoneText(NOON, 'America/St_Johns'), 'America/St Johns (UTC−3:30)');
    assert.equal(zoneText(NOON, 'UTC'), 'UTC');
  });

  it('goes there and back for every moment that the clock shows once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.constantFrom('Asia/Taipei', BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
        (unix, zone) => {
          const back = unixOf(wallTime(unix, zone), zone);
          // Where the clock is put back an hour comes twice; the first is meant.
          assert.ok(back === unix || (back < unix && unix - back <= 7200), `${unix} became ${back}`);
          assert.deepEqual(wallTime(back, zone), wallTime(unix, zone));
        },
      ),
    );
  });

  it('means the first of the hour that comes twice, and no time before the one that is missing', () => {
    const twice = { year: 2026, month: 10, day: 25, hour: 2, minute: 30, second: 0 };
    assert.equal(unixOf(twice, BERLIN), seconds('2026-10-25T00:30:00Z'));
    const missing = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0 };
    assert.equal(unixOf(missing, BERLIN), seconds('2026-03-29T01:30:00Z'));
  });

  it('begins its days at midnight there', () => {
    assert.equal(dayStart(NOON, 'Asia/Taipei'), seconds('2026-11-21T16:00:00Z'));
    assert.equal(offset(dayStart(NOON, BERLIN), BERLIN), 3600);
  });

  it('fills fields and reads them', () => {
    assert.equal(fieldOf(NOON, 'Asia/Taipei'), '2026-11-22T14:32:05');
    assert.equal(unixOfField('2026-11-22T14:32:05', 'Asia/Taipei'), NOON);
    assert.equal(unixOfField('2026-11-22T14:32', 'Asia/Taipei'), NOON - 5);
    assert.equal(unixOfField('2026-11-22T14:32:05.5', 'Asia/Taipei'), NOON + 0.5);
    assert.equal(unixOfField('', 'Asia/Taipei'), undefined);
    assert.equal(unixOfField('yesterday', 'Asia/Taipei'), undefined);
  });
});

describe('the timeline’s scale', () => {
  const view = { from: NOON, to: NOON + 3600 };

  it('knows which time is where', () => {
    assert.equal(xOf(view, 1000, NOON + 900), 250);
    assert.equal(timeOf(view, 1000, 250), NOON + 900);
  });

  it('zooms about a time that stays where it is, from a day to a minute and no further', () => {
    const anchor = NOON + 900;
    const near = zoomed(view, 2, anchor);
    assert.equal(lengthOf(near), 1800);
    assert.ok(Math.abs(xOf(near, 1000, anchor) - 250) < 1e-6);
    assert.equal(lengthOf(zoomed(view, 1e6, anchor)), SHORTEST);
    assert.equal(lengthOf(zoomed(view, 1e-6, anchor)), LONGEST);
  });

  it('follows the playhead: turns the page at its end, goes there where it is somewhere else', () => {
    assert.equal(following(view, NOON + 10), view);
    const turned = following(view, NOON + 3601);
    assert.ok(turned.from > NOON + 3000 && turned.from < NOON + 3601);
    assert.deepEqual(following(view, NOON + 90_000), around(NOON + 90_000, 3600));
    assert.deepEqual(following(view, NOON - 1), around(NOON - 1, 3600));
  });

  it('has labels that stand apart, at whole minutes and hours, at every zoom and width', () => {
    fc.assert(
      fc.property(
        fc.double({ min: SHORTEST, max: LONGEST, noNaN: true }),
        fc.integer({ min: 320, max: 2000 }),
        fc.constantFrom('Asia/Taipei', 'Asia/Kolkata', BERLIN),
        (length, width, zone) => {
          const ticks = ticksOf(around(NOON, length), width, zone);
          const major = ticks.filter(({ kind }) => kind !== 'minor');
          for (const [i, tick] of major.entries()) {
            if (i > 0) assert.ok(tick.x - major[i - 1]!.x >= 83, `${length} s, ${width} px`);
            assert.equal(wallTime(tick.time, zone).second % 5, 0);
          }
          assert.ok(major.length >= 1 || width < 400, `${length} s in ${width} px: no label`);
        },
      ),
    );
  });

  it('marks midnight, also on the day that has 25 hours', () => {
    const from = seconds('2026-10-24T12:00:00Z');
    const days = ticksOf({ from, to: from + 86_400 }, 1900, BERLIN).filter(({ kind }) => kind === 'day');
    assert.deepEqual(
      days.map(({ time }) => time),
      [seconds('2026-10-24T22:00:00Z')],
    );
    const after = ticksOf({ from, to: from + 86_400 }, 1900, BERLIN).filter(({ label }) => label === '12:00');
    assert.equal(after.at(-1)?.time, seconds('2026-10-25T11:00:00Z'));
  });
});

describe('the calendar', () => {
  it('has weeks from Monday on, and every day once', () => {
    const weeks = weeksOf({ year: 2026, month: 11 });
    assert.deepEqual(weeks[0], [undefined, undefined, undefined, undefined, undefined, undefined, 1]);
    assert.deepEqual(
      weeks.flat().filter(Boolean),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    assert.ok(weeks.every((week) => week.length === 7));
    assert.equal(weeksOf({ year: 2028, month: 2 }).flat().filter(Boolean).length, 29);
  });

  it('turns over the year', () => {
    assert.deepEqual(monthBeside({ year: 2026, month: 12 }, 1), { year: 2027, month: 1 });
    assert.deepEqual(monthBeside({ year: 2026, month: 1 }, -1), { year: 2025, month: 12 });
    assert.equal(monthKey({ year: 2026, month: 3 }), '2026-03');
  });
});

describe('the address', () => {
  it('goes there and back', () => {
    const place = { cameras: ['door', 'yard'], wall: false, screen: 1, at: NOON + 0.5 };
    assert.equal(addressOf(place), '?camera=door,yard&at=1795329125.5');
    assert.deepEqual(placeOf(addressOf(place)), place);
    const wall = { cameras: [], wall: true, screen: 2, at: NOON };
    assert.deepEqual(placeOf(addressOf(wall)), wall);
  });

  it('takes times as people write them, and leaves out what it does not understand', () => {
    assert.equal(placeOf('?at=2026-11-22T06:32:05Z').at, NOON);
    assert.deepEqual(placeOf('?camera=a%2Fb,c&at=soon&screen=9'), {
      cameras: ['c'],
      wall: false,
      screen: 1,
      at: undefined,
    });
    assert.equal(
      placeOf(`?camera=${Array.from({ length: 12 }, (_, i) => `c${i}`).join(',')}`).cameras.length,
      9,
    );
  });
});
