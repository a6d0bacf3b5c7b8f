import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessUnit } from '../../daemon/frame.ts';
import { readProducerTime } from '../../daemon/mp4/producerTime.ts';
import { SegmentMaker, type SegmentStep } from '../../daemon/record/segmentMaker.ts';
import { SyntheticCamera, VIDEO } from './units.ts';

/** 22 November 2026, and `performance.now()` as it were then. */
const CLOCK = Date.UTC(2026, 10, 22) - 5_000;

const record = (maker: SegmentMaker, units: AccessUnit[], clock = CLOCK): SegmentStep[] =>
  units.flatMap((unit) => maker.push(unit, clock));
const words = (steps: SegmentStep[]) => steps.map((step) => step.do).join(' ');

describe('a recording', () => {
  it('begins at a key picture, with the time of day of its arrival', () => {
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    assert.deepEqual(record(maker, [camera.picture(false)]), []);
    const [begin] = record(maker, [camera.picture(true)]);
    assert.equal(begin?.do, 'begin');
    assert.equal(begin?.do === 'begin' && begin.startedAt, Date.UTC(2026, 10, 22) + 40);
  });

  it('is written every second, also in the middle of a long group of pictures', () => {
    const camera = new SyntheticCamera();
    const steps = record(new SegmentMaker(), camera.seconds(10, 1000));
    assert.equal(words(steps), `begin${' append'.repeat(9)}`);
    const ends = steps.flatMap((step) => (step.do === 'append' ? [step.until] : []));
    for (const [i, until] of ends.entries())
      assert.ok(Math.abs(until - Date.UTC(2026, 10, 22) - (i + 1) * 1_000) < 100, `${until}`);
  });

  it('has the time of day in front of each fragment', () => {
    const camera = new SyntheticCamera();
    const steps = record(new SegmentMaker(), camera.seconds(4));
    const times = steps.flatMap((step) => (step.do === 'append' ? [readProducerTime(step.data)] : []));
    assert.deepEqual(
      times.map((time) => Math.round(((time ?? 0) - Date.UTC(2026, 10, 22)) / 1000)),
      [0, 1, 2],
    );
  });

  it('goes on in another file at the first key picture after a minute', () => {
    const camera = new SyntheticCamera();
    const steps = record(new SegmentMaker(), camera.seconds(62, 100));
    assert.equal(steps.filter((step) => step.do === 'begin').length, 2);
    const second = steps.findLast((step) => step.do === 'begin');
    assert.ok(second?.do === 'begin' && second.startedAt >= Date.UTC(2026, 10, 22) + 60_000);
    assert.ok(words(steps).includes('append end begin'));
  });

  it('goes on in another file when the parameters change, when the stream was interrupted, when the clock was set', () => {
    const small = { ...VIDEO, width: 320 };
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    record(maker, camera.seconds(2));
    assert.match(words(record(maker, [camera.picture(true, small)])), /^append end begin$/);
    record(maker, [camera.picture(false, small), camera.picture(false, small)]);
    camera.skip(600_000);
    assert.match(words(record(maker, [{ ...camera.picture(true, small), mediaTime: 0 }])), /end begin$/);
    const later = new SyntheticCamera();
    const clockMaker = new SegmentMaker();
    record(clockMaker, later.seconds(2));
    const steps = record(clockMaker, later.seconds(1), CLOCK + 3_600_000);
    assert.match(words(steps), /end begin/);
    const begin = steps.find((step) => step.do === 'begin');
    assert.ok(begin?.do === 'begin' && begin.startedAt > Date.UTC(2026, 10, 22) + 3_600_000);
  });

  it('ends a file of a camera that sends no more key pictures after ten minutes', () => {
    const camera = new SyntheticCamera();
    const steps = record(new SegmentMaker({ mostLength: 5_000 }), [
      camera.picture(true),
      ...Array.from({ length: 200 }, () => camera.picture(false)),
    ]);
    assert.equal(steps.filter((step) => step.do === 'end').length, 1);
    assert.equal(steps.at(-1)?.do, 'end');
  });

  it('leaves nothing behind when it stops', () => {
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    record(maker, camera.seconds(1).slice(0, 10));
    assert.equal(words(maker.end()), 'append end');
    assert.deepEqual(maker.end(), []);
  });
});
