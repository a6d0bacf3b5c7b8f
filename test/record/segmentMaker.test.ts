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
/** Of the first picture: behind prft, in the moof's only trun. */
const compositionOffset = (data: Buffer) => data.readInt32BE(data.indexOf('trun') + 16 + 12);
const begins = (steps: SegmentStep[]) => steps.filter((step) => step.do === 'begin');
const words = (steps: SegmentStep[]) => steps.map((step) => step.do).join(' ');

describe('a recording', () => {
  it('begins at a key picture, with the time of day of its arrival', () => {
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    assert.deepEqual(record(maker, [camera.picture(false)]), []);
    record(maker, [camera.picture(true)]);
    const [begin, append] = maker.end();
    assert.equal(begin?.do, 'begin');
    // The picture is shown 40 ms after the file's beginning, at the time of its arrival.
    assert.equal(begin?.do === 'begin' && begin.startedAt, Date.UTC(2026, 10, 22));
    assert.equal(append?.do === 'append' && compositionOffset(append.data), 40 * 90);
  });

  it('tells the time of day by the picture that came the soonest, when a session begins with a burst', () => {
    const camera = new SyntheticCamera();
    // A group of pictures from before, all at once; then one every 40 ms.
    const units = camera
      .seconds(3)
      .map((unit, i) => ({ ...unit, receivedAt: 6_000 + Math.max(0, i - 25) * 40 }));
    const [begin] = record(new SegmentMaker(), units);
    // Picture 26 came 1040 ms after the first was taken, which was 1 s before it came.
    assert.ok(begin?.do === 'begin');
    const taken = Date.UTC(2026, 10, 22) + 1_000 - 1_000;
    assert.ok(Math.abs(begin.startedAt - taken) < 100, `${begin.startedAt - taken} ms`);
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
      times.map((time) => Math.round(((time ?? 0) + 40 - Date.UTC(2026, 10, 22)) / 1000)),
      [0, 1, 2],
    );
  });

  it('goes on in another file at the first key picture after a minute', () => {
    const camera = new SyntheticCamera();
    const steps = record(new SegmentMaker(), camera.seconds(62, 100));
    const [, second, ...others] = begins(steps);
    assert.equal(others.length, 0);
    assert.ok(second && second.startedAt >= Date.UTC(2026, 10, 22) + 60_000 - 40);
    assert.ok(words(steps).includes('append end begin'));
    // Without a gap.
    const last = steps.findLast((step, i) => step.do === 'append' && steps[i + 1]?.do === 'end');
    assert.ok(last?.do === 'append' && Math.abs(last.until - second.startedAt) < 1);
  });

  it('has times of its own after a short interruption, too', () => {
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    record(maker, camera.seconds(2));
    maker.end();
    camera.skip(2_000);
    const [begin] = begins(record(maker, camera.seconds(2)));
    assert.equal(begin?.startedAt, Date.UTC(2026, 10, 22) + 4_000 - 40);
  });

  it('goes on in another file when the parameters change, when the stream was interrupted, when the clock was set', () => {
    const small = { ...VIDEO, width: 320 };
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    record(maker, camera.seconds(2));
    assert.match(words(record(maker, [camera.picture(true, small)])), /^append end$/);
    record(maker, [camera.picture(false, small), camera.picture(false, small)]);
    camera.skip(600_000);
    const interrupted = record(maker, [{ ...camera.picture(true, small), mediaTime: 0 }]);
    assert.equal(words(interrupted), 'begin append end');
    assert.equal(words(maker.end()), 'begin append end');
    const later = new SyntheticCamera();
    const clockMaker = new SegmentMaker();
    record(clockMaker, later.seconds(2));
    const steps = record(clockMaker, later.seconds(2), CLOCK + 3_600_000);
    assert.match(words(steps), /end begin/);
    const [begin] = begins(steps);
    assert.ok(begin && begin.startedAt > Date.UTC(2026, 10, 22) + 3_600_000);
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
    assert.equal(words(maker.end()), 'begin append end');
    assert.deepEqual(maker.end(), []);
  });
});
