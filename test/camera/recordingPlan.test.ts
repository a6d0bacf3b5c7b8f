import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlarmEvent } from '../../daemon/camera/alarmRules.ts';
import { EventTrail } from '../../daemon/camera/eventTrail.ts';
import { boxClock, nextLook, planOf } from '../../daemon/camera/recordingPlan.ts';
import type { CameraRecording } from '../../daemon/schema.ts';

const BERLIN = 'Europe/Berlin';
const unix = (time: string) => Date.parse(time) / 1000;
const QUIET = { byHand: false, eventUntil: undefined, steady: 0 };
/** Why it records at this time, with nothing but the hours. */
const at = (recording: CameraRecording, time: string, timeZone = BERLIN) =>
  planOf(recording, { ...QUIET, clock: boxClock(unix(time), timeZone) }).reason;
const hours = (days: number[], from: string, to: string): CameraRecording => ({
  mode: 'schedule',
  schedule: [{ days, from, to }],
});

describe('whether a camera is recorded', () => {
  const clock = boxClock(unix('2026-11-23T12:00:00Z'), 'UTC');

  it('follows its mode, and a start by hand goes on top but for off', () => {
    const why = (recording: CameraRecording, byHand = false) =>
      planOf(recording, { ...QUIET, clock, byHand }).reason;
    assert.equal(why({ mode: 'off' }), null);
    assert.equal(why({ mode: 'off' }, true), null);
    assert.equal(why({ mode: 'always' }), 'always');
    assert.equal(why({ mode: 'always' }, true), 'always');
    assert.equal(why({ mode: 'manual' }), null);
    assert.equal(why({ mode: 'manual' }, true), 'manual');
    assert.equal(why(hours([2], '08:00', '09:00')), null);
    assert.equal(why(hours([2], '08:00', '09:00'), true), 'manual');
    assert.equal(why({ mode: 'event' }, true), 'manual');
  });

  it('keeps the last seconds in memory where an event may come', () => {
    const before = (recording: CameraRecording) => planOf(recording, { ...QUIET, clock }).preSeconds;
    assert.equal(before({ mode: 'event' }), 5);
    assert.equal(before({ mode: 'event', event: { pre_seconds: 12 } }), 12);
    assert.equal(before({ mode: 'event', event: { pre_seconds: 0 } }), undefined);
    assert.equal(before({ ...hours([2], '08:00', '09:00'), mode: 'event' }), undefined);
    assert.equal(before({ mode: 'always' }), undefined);
  });

  it('is within its hours by the clock on the wall', () => {
    // 23 November 2026 is a Monday; Berlin is an hour ahead of UTC then.
    const work = hours([1, 2, 3, 4, 5], '08:00', '18:00');
    assert.equal(at(work, '2026-11-23T06:59:59Z'), null);
    assert.equal(at(work, '2026-11-23T07:00:00Z'), 'schedule');
    assert.equal(at(work, '2026-11-23T16:59:59.9Z'), 'schedule');
    assert.equal(at(work, '2026-11-23T17:00:00Z'), null);
    assert.equal(at(work, '2026-11-22T12:00:00Z'), null);
    assert.equal(at(hours([0], '00:00', '24:00'), '2026-11-22T22:59:59Z'), 'schedule');
    assert.equal(at(hours([0], '00:00', '24:00'), '2026-11-22T23:00:00Z'), null);
    // Sunday there is still Saturday evening in UTC, Monday still Sunday.
    assert.equal(at(hours([0], '00:00', '24:00'), '2026-11-21T23:00:00Z'), 'schedule');
    // The same moment elsewhere.
    assert.equal(at(work, '2026-11-23T07:00:00Z', 'America/New_York'), null);
  });

  it('goes over midnight into the day after, and round the clock', () => {
    const night = hours([5], '22:00', '06:00');
    assert.equal(at(night, '2026-11-27T20:59:00Z'), null);
    assert.equal(at(night, '2026-11-27T21:00:00Z'), 'schedule'); // Friday
    assert.equal(at(night, '2026-11-28T04:59:00Z'), 'schedule'); // Saturday
    assert.equal(at(night, '2026-11-28T05:00:00Z'), null);
    assert.equal(at(night, '2026-11-27T04:00:00Z'), null); // Friday morning
    assert.equal(at(hours([6], '22:00', '06:00'), '2026-11-29T04:00:00Z'), 'schedule'); // Sunday after Saturday
    assert.equal(at(hours([0], '12:00', '12:00'), '2026-11-23T10:59:00Z'), 'schedule');
    assert.equal(at(hours([0], '12:00', '12:00'), '2026-11-23T11:00:00Z'), null);
  });

  it('is right on the days on which the clocks are set', () => {
    // 29 March 2026: from 02:00 to 03:00 there is no time in Berlin.
    const early = hours([0], '01:30', '03:30');
    assert.equal(at(early, '2026-03-29T00:29:59Z'), null);
    assert.equal(at(early, '2026-03-29T00:30:00Z'), 'schedule');
    assert.equal(at(early, '2026-03-29T01:29:59Z'), 'schedule'); // 03:29:59
    assert.equal(at(early, '2026-03-29T01:30:00Z'), null);
    assert.equal(at(hours([0], '02:00', '02:30'), '2026-03-29T01:00:00Z'), null);
    // 25 October 2026: the hour from 02:00 comes twice; both are recorded.
    const late = hours([0], '02:15', '02:45');
    for (const time of ['2026-10-25T00:20:00Z', '2026-10-25T01:20:00Z'])
      assert.equal(at(late, time), 'schedule');
    for (const time of ['2026-10-25T00:50:00Z', '2026-10-25T01:10:00Z', '2026-10-25T01:45:00Z'])
      assert.equal(at(late, time), null);
    // A whole day of 25 hours, without a gap.
    for (let minute = 0; minute < 25 * 60; minute++) {
      const time = new Date(Date.parse('2026-10-24T22:00:00Z') + minute * 60_000).toISOString();
      assert.equal(at(hours([0], '00:00', '24:00'), time), 'schedule', time);
    }
    assert.equal(at(hours([0], '00:00', '24:00'), '2026-10-25T23:00:00Z'), null);
  });

  it('follows events for so long, within the hours alone where there are any', () => {
    const event = (recording: CameraRecording, eventUntil: number | undefined, steady: number) =>
      planOf(recording, { clock, byHand: false, eventUntil, steady }).reason;
    assert.equal(event({ mode: 'event' }, undefined, 100), null);
    assert.equal(event({ mode: 'event' }, 120, 119.9), 'event');
    assert.equal(event({ mode: 'event' }, 120, 120), null);
    assert.equal(event({ ...hours([1], '08:00', '13:00'), mode: 'event' }, 120, 100), 'event');
    assert.equal(event({ ...hours([2], '08:00', '13:00'), mode: 'event' }, 120, 100), null);
    assert.equal(event({ mode: 'manual' }, 120, 100), null);
  });

  it('is looked at again when something may change', () => {
    const modes = { always: { mode: 'always' }, event: { mode: 'event' } } as const;
    assert.equal(nextLook([modes.always], [], 1_000.25, 5), undefined);
    assert.equal(nextLook([modes.event], [9, 7], 1_000.25, 5), 2);
    // The next whole minute: 1020.
    assert.equal(nextLook([hours([1], '08:00', '09:00')], [], 1_000.25, 5), 19.75);
    assert.equal(nextLook([hours([1], '08:00', '09:00')], [6], 1_000.25, 5), 1);
    assert.equal(nextLook([modes.event], [4], 1_000.25, 5), undefined);
  });
});

describe('how long events are recorded', () => {
  const event = (phase: AlarmEvent['phase'], wishes: Partial<AlarmEvent> = {}): AlarmEvent => ({
    ...{ camera: 'door', topic: 'motion', source: 'onvif', message: null, key: '1', phase, ...wishes },
  });

  it('so long after a moment, counted from the last one', () => {
    const trail = new EventTrail();
    assert.equal(trail.until('door', {}), undefined);
    trail.tell(event('moment'), 100);
    assert.equal(trail.until('door', {}), 120);
    trail.tell(event('moment'), 110);
    assert.equal(trail.until('door', { post_seconds: 3 }), 113);
    assert.equal(trail.until('yard', {}), undefined);
  });

  it('as long as an event lasts, and then so long after its end', () => {
    const trail = new EventTrail();
    trail.tell(event('begin'), 100);
    trail.tell(event('begin', { key: '2' }), 101);
    assert.ok((trail.until('door', {}) ?? 0) > 500);
    trail.tell(event('end'), 110);
    assert.ok((trail.until('door', {}) ?? 0) > 500, 'the other one lasts');
    trail.tell(event('end', { key: '2' }), 150);
    assert.equal(trail.until('door', {}), 170);
    // The end of something whose beginning nobody heard.
    trail.tell(event('end', { key: '9' }), 160);
    assert.equal(trail.until('door', {}), 170);
  });

  it('does not wait for ever for an end that was never told', () => {
    const trail = new EventTrail();
    trail.tell(event('begin'), 100);
    assert.equal(trail.until('door', { post_seconds: 1 }), 701);
    // Cameras repeat what lasts.
    trail.tell(event('begin'), 600);
    assert.equal(trail.until('door', { post_seconds: 1 }), 1_201);
    // Given up long ago, so its end is no news.
    trail.tell(event('end'), 5_000);
    assert.equal(trail.until('door', { post_seconds: 1 }), 601);
  });

  it('of the topics that are asked for', () => {
    const trail = new EventTrail();
    trail.tell(event('moment', { topic: 'person' }), 100);
    assert.equal(trail.until('door', { topics: ['vehicle', 'line'] }), undefined);
    assert.equal(trail.until('door', { topics: ['vehicle', 'person'] }), 120);
  });

  it('forgets cameras that are gone, and keeps few events of one', () => {
    const trail = new EventTrail();
    for (let i = 0; i < 1_000; i++) trail.tell(event('begin', { key: `${i}` }), 100);
    for (let i = 0; i < 16; i++) trail.tell(event('end', { key: `${i}` }), 101);
    assert.equal(trail.until('door', {}), 121, 'more than sixteen were kept');
    trail.keep(new Set(['yard']));
    assert.equal(trail.until('door', {}), undefined);
  });
});
