import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type KeptSegment, outdated, type RetentionRules } from '../../daemon/record/retention.ts';
import { readSegmentPath, segmentPath } from '../../daemon/record/segmentName.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const segment = (id: number, age: number, more: Partial<KeptSegment> = {}): KeptSegment => ({
  id,
  camera: 'door',
  until: NOW - age * DAY,
  bytes: 100,
  protected: false,
  ...more,
});
const rules = (more: Partial<RetentionRules> = {}): RetentionRules => ({
  now: NOW,
  days: () => undefined,
  mostBytes: undefined,
  missing: 0,
  ...more,
});
const all = [segment(1, 9), segment(2, 8), segment(3, 7, { protected: true }), segment(4, 2), segment(5, 1)];

describe('what has to go', () => {
  it('is nothing while there is room and no limit of days', () => {
    assert.deepEqual(outdated(all, 500, rules()), []);
  });

  it('is older than its camera’s days, unless it is protected', () => {
    const days = (camera: string) => (camera === 'door' ? 5 : undefined);
    const others = [...all, segment(6, 50, { camera: 'yard' })];
    assert.deepEqual(outdated(others, 600, rules({ days })), [1, 2]);
  });

  it('is the oldest until all fit, what is being written included', () => {
    assert.deepEqual(outdated(all, 700, rules({ mostBytes: 450 })), [1, 2, 4]);
  });

  it('is the oldest until the disk has its free space again', () => {
    assert.deepEqual(outdated(all, 500, rules({ missing: 150 })), [1, 2]);
    assert.deepEqual(outdated(all, 500, rules({ missing: 1e12 })), [1, 2, 4, 5]);
  });
});

describe('a segment’s path', () => {
  it('says camera, stream and time, and is read again', () => {
    const name = {
      camera: 'front-door',
      stream: 'front-door_main',
      startedAt: Date.UTC(2026, 10, 22, 2, 45, 12, 7),
    };
    const path = 'front-door/2026-11-22/front-door_main_20261122T024512.007Z.mp4';
    assert.equal(segmentPath(name), path);
    assert.deepEqual(readSegmentPath(path), name);
  });

  it('is not read out of anything else', () => {
    for (const path of [
      '',
      'a',
      '../x/y',
      'a/b/c.mp4',
      'a/2026-11-22/a_20261322T024512.007Z.mp4',
      'a/2026-11-22/../a.mp4',
    ])
      assert.equal(readSegmentPath(path), undefined, path);
  });

  it('is never one that leads elsewhere, whatever text is read', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), (text) => {
        const name = readSegmentPath(text);
        assert.ok(name === undefined || !Number.isNaN(name.startedAt));
      }),
    );
  });
});
