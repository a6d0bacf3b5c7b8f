import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordingSettings } from '../../daemon/schema.ts';
import {
  applied,
  bytesOf,
  countOf,
  gigabytes,
  isValid,
  keptHours,
  recordingOf,
  sameSettings,
  shownHours,
  withMode,
} from '../../kiosk-ui/admin/recording/draft.ts';
import { DeckClock } from '../../kiosk-ui/playback/clock.ts';

const NONE: RecordingSettings = { cameras: {} };

describe('recording settings while they are edited', () => {
  it('are the same however the defaults are written', () => {
    assert.ok(sameSettings(NONE, { cameras: { door: { mode: 'off' } }, days: null, min_free_bytes: 1e9 }));
    const door = { mode: 'always', stream: 'main', audio: true } as const;
    assert.ok(sameSettings({ cameras: { door: { mode: 'always' } } }, { cameras: { door } }));
    assert.ok(!sameSettings(NONE, { cameras: { door } }));
    assert.ok(!sameSettings(NONE, { cameras: {}, max_bytes: 5e9 }));
  });

  it('set several cameras to the same, without tying them together', () => {
    const next = applied({ cameras: { yard: { mode: 'manual' } } }, ['door', 'gate'], {
      mode: 'event',
      event: { topics: ['person'] },
    });
    assert.deepEqual(Object.keys(next.cameras).sort(), ['door', 'gate', 'yard']);
    assert.deepEqual(next.cameras.door, next.cameras.gate);
    assert.notEqual(next.cameras.door?.event, next.cameras.gate?.event);
    assert.equal(recordingOf(next, 'attic').mode, 'off');
  });

  it('give a schedule hours to begin with, and keep those that there are', () => {
    const first = withMode({ mode: 'off' }, 'schedule');
    assert.equal(first.schedule?.length, 1);
    assert.ok(isValid({ cameras: { door: first } }));
    assert.deepEqual(withMode(withMode(first, 'always'), 'schedule').schedule, first.schedule);
    assert.ok(!isValid({ cameras: { door: { mode: 'schedule', schedule: [] } } }));
    assert.ok(!isValid({ cameras: { door: { mode: 'event', event: { topics: [] } } } }));
    assert.ok(!isValid({ cameras: {}, folder: 'relative' }));
  });

  it('show Sunday last and midnight as 00:00, and send what the daemon takes', () => {
    const shown = shownHours({ days: [0, 6], from: '18:00', to: '24:00' });
    assert.deepEqual(shown, { days: [6, 7], from: '18:00', to: '00:00' });
    assert.deepEqual(keptHours(shown), { days: [0, 6], from: '18:00', to: '00:00' });
  });

  it('read fields as people fill them', () => {
    assert.equal(bytesOf('2.5'), 2_500_000_000);
    assert.equal(bytesOf('2,5'), 2_500_000_000);
    assert.equal(bytesOf(' '), null);
    assert.equal(gigabytes(2_500_000_000), '2.5');
    assert.equal(gigabytes(null), '');
    assert.equal(countOf('14'), 14);
    assert.equal(countOf(''), null);
  });
});

describe('the deck’s clock', () => {
  it('runs at its speed, stands while it does not play', () => {
    const clock = new DeckClock(100);
    clock.tick(0, true);
    clock.tick(100, true);
    assert.equal(clock.at, 100);
    clock.playing = true;
    clock.speed = 4;
    clock.tick(200, true);
    assert.ok(Math.abs(clock.at - 100.4) < 1e-9);
  });

  it('waits for a video that is not there, but not for ever', () => {
    const clock = new DeckClock(100);
    clock.playing = true;
    clock.tick(0, true);
    for (let now = 100; now <= 7_900; now += 100) clock.tick(now, false);
    assert.equal(clock.at, 100);
    for (let now = 8_000; now <= 9_000; now += 100) clock.tick(now, false);
    assert.ok(clock.at > 100.5);
  });

  it('does not leap after a sleep of the page', () => {
    const clock = new DeckClock(100);
    clock.playing = true;
    clock.tick(0, true);
    clock.tick(60_000, true);
    assert.ok(clock.at <= 100.5);
  });
});
