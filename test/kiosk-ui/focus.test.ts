import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alarm } from '../../daemon/schema.ts';
import { type Focus, type FocusFacts, marksOf, nextFocus } from '../../kiosk-ui/wall/focus.ts';

const alarm = (id: string, changes: Partial<Alarm> = {}): Alarm => ({
  id,
  camera: `camera-${id}`,
  topic: 'motion',
  message: null,
  source: 'onvif',
  action: 'full_screen',
  priority: 5,
  sound: false,
  since: 100,
  until: null,
  events: 1,
  acknowledged: false,
  ...changes,
});
const NOW = 1_000_000;
const next = (present: Focus | undefined, alarms: Alarm[], changes: Partial<FocusFacts> = {}) =>
  nextFocus(present, {
    alarms,
    rules: { enabled: true, rules: [], minimum_focus_seconds: 10, quiet_seconds: 30 },
    now: NOW,
    touchedAt: -Infinity,
    manual: false,
    dismissed: new Set(),
    knows: () => true,
    ...changes,
  });
const focus = (id: string, changes: Partial<Focus> = {}): Focus => ({
  alarm: id,
  camera: `camera-${id}`,
  action: 'full_screen',
  priority: 5,
  since: NOW - 60_000,
  ...changes,
});

describe('nextFocus', () => {
  it('shows the camera of an alarm that asks for it, and returns when it is over', () => {
    assert.deepEqual(next(undefined, [alarm('a')]), focus('a', { since: NOW }));
    assert.equal(next(focus('a'), []), undefined);
  });

  it('moves nothing for an alarm that is only marked or listed, nor for a camera that is not there', () => {
    assert.equal(
      next(undefined, [alarm('a', { action: 'highlight' }), alarm('b', { action: 'none' })]),
      undefined,
    );
    assert.equal(next(undefined, [alarm('a')], { knows: () => false }), undefined);
  });

  it('moves nothing while alarms are switched off', () => {
    const rules = { enabled: false, rules: [], minimum_focus_seconds: 0, quiet_seconds: 0 };
    assert.equal(next(focus('a'), [alarm('a')], { rules }), undefined);
  });

  it('prefers the higher priority, then the stronger action, then the newer one', () => {
    const chosen = (...alarms: Alarm[]) => next(undefined, alarms)?.alarm;
    assert.equal(chosen(alarm('a', { since: 200 }), alarm('b', { priority: 6 })), 'b');
    assert.equal(chosen(alarm('a', { action: 'promote', since: 200 }), alarm('b')), 'b');
    assert.equal(chosen(alarm('a'), alarm('b', { since: 101 })), 'b');
  });

  it('gives way to a higher priority at once', () => {
    const present = focus('a', { since: NOW - 100 });
    assert.equal(next(present, [alarm('a'), alarm('b', { priority: 6 })])?.alarm, 'b');
  });

  it('gives way to an equal one after the least time, not before, and never to an older one', () => {
    const both = [alarm('a'), alarm('b', { since: 101 })];
    assert.equal(next(focus('a', { since: NOW - 9_999 }), both)?.alarm, 'a');
    assert.equal(next(focus('a', { since: NOW - 10_000 }), both)?.alarm, 'b');
    assert.equal(next(focus('b', { since: NOW - 10_000 }), both)?.alarm, 'b');
  });

  it('gives way to a lower one only when it is over and was there for the least time', () => {
    const low = alarm('b', { priority: 1, since: 200 });
    assert.equal(next(focus('a'), [alarm('a'), low])?.alarm, 'a');
    assert.equal(next(focus('a', { since: NOW - 5_000 }), [low])?.alarm, 'a');
    assert.equal(next(focus('a'), [low])?.alarm, 'b');
  });

  it('counts another alarm of the same camera as the same focus', () => {
    const again = alarm('b', { camera: 'camera-a', action: 'promote' });
    assert.deepEqual(next(focus('a', { since: NOW - 1 }), [again]), {
      ...focus('b', { since: NOW - 1, camera: 'camera-a', action: 'promote' }),
    });
  });

  it('neither comes nor goes within the quiet time after somebody touched the wall', () => {
    const touched = { touchedAt: NOW - 29_999 };
    assert.equal(next(undefined, [alarm('a', { priority: 10 })], touched), undefined);
    assert.equal(next(focus('a'), [], touched)?.alarm, 'a');
    assert.equal(next(focus('a'), [alarm('a'), alarm('b', { priority: 9 })], touched)?.alarm, 'a');
    assert.equal(next(undefined, [alarm('a')], { touchedAt: NOW - 30_000 })?.alarm, 'a');
  });

  it('leaves at once, touched or not, when it is acknowledged or sent away, and does not come again', () => {
    const touched = { touchedAt: NOW - 1 };
    assert.equal(next(focus('a'), [alarm('a', { acknowledged: true })], touched), undefined);
    assert.equal(next(focus('a'), [alarm('a')], { ...touched, dismissed: new Set(['a']) }), undefined);
    assert.equal(next(undefined, [alarm('a')], { dismissed: new Set(['a']) }), undefined);
  });

  it('yields to what somebody opened by hand, and comes back after it', () => {
    assert.equal(next(focus('a'), [alarm('a', { priority: 10 })], { manual: true }), undefined);
    assert.equal(next(undefined, [alarm('a')])?.alarm, 'a');
  });
});

describe('marksOf', () => {
  it('marks each camera with its most important alarm that nobody has acknowledged', () => {
    const marks = marksOf([
      alarm('a', { camera: 'x', action: 'highlight', priority: 1 }),
      alarm('b', { camera: 'x', priority: 2, topic: 'person' }),
      alarm('c', { camera: 'y', acknowledged: true }),
      alarm('d', { camera: 'z', action: 'none' }),
    ]);
    assert.deepEqual(
      [...marks].map(([camera, { id }]) => [camera, id]),
      [['x', 'b']],
    );
  });
});
