import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STEPS, StepDown, steppedDown } from '../../daemon/decode/stepDown.ts';

/** A box: told every two seconds what share of 100 pictures its decoders left out. */
function box(busy = 1) {
  const steps = new StepDown();
  let [fed, dropped, at] = [0, 0, 0];
  let decoders = 4;
  const run = (seconds: number, share: (level: number) => number) => {
    for (const end = at + seconds * 1000; at < end; at += 2_000) {
      const left = Math.round(100 * share(level()));
      fed += 100 - left;
      dropped += left;
      steps.look({ decoders, fed, dropped, busy }, at);
    }
  };
  const level = () => STEPS.indexOf(steps.step);
  const open = () => {
    decoders++;
  };
  return { steps, run, level, open };
}
const calm = () => 0;

describe('the steps of a box that cannot do all that it is asked for', () => {
  it('stays at the top while nothing, or next to nothing, is left out', () => {
    const { run, level, steps } = box();
    run(600, () => 0.01);
    assert.deepEqual([level(), steps.since], [0, undefined]);
  });

  it('goes down one by one until it holds, first of the rate, and stays there', () => {
    const { run, level } = box();
    const tooMuch = (at: number) => (at < 3 ? 0.3 : 0);
    run(8, tooMuch);
    assert.equal(level(), 0, 'they begin');
    run(6, tooMuch);
    assert.equal(level(), 1, 'within six seconds');
    run(10, tooMuch);
    assert.equal(level(), 1, 'decoders that begin anew are waited for');
    run(30, tooMuch);
    assert.deepEqual([level(), STEPS[3]], [3, { fps: 1 / 3, size: 1 }]);
    run(20, tooMuch);
    assert.equal(level(), 3);
  });

  it('takes nothing from anybody for one decoder that hangs while the box has time', () => {
    const { run, level } = box(0.6);
    run(600, () => 0.5);
    assert.equal(level(), 0);
  });

  it('goes no further down than there are steps', () => {
    const { run, level } = box();
    run(300, () => 0.5);
    assert.equal(level(), STEPS.length - 1);
  });

  it('a wall that opens is waited for', () => {
    const { run, level, open } = box();
    for (let tile = 0; tile < 9; tile++) {
      open();
      run(2, () => 0.5);
    }
    run(4, () => 0.5);
    run(20, calm);
    assert.equal(level(), 0);
  });

  it('one group that is left out is no reason', () => {
    const { run, level } = box();
    for (let i = 0; i < 20; i++) {
      run(2, () => 0.5);
      run(4, calm);
    }
    assert.equal(level(), 0);
  });

  it('goes up again step by step when there is calm, all the way', () => {
    const { run, level, steps } = box();
    run(90, () => 0.5);
    assert.equal(level(), 5);
    run(45, calm);
    assert.equal(level(), 4);
    run(5 * 45, calm);
    assert.deepEqual([level(), steps.since], [0, undefined]);
  });

  it('where a step up is too much it is tried less and less often', () => {
    const { run, level, steps } = box();
    const limit = (at: number) => (at < 2 ? 0.3 : 0);
    run(60, limit);
    let tries = 0;
    let last = level();
    const hour = 3600;
    for (let second = 0; second < hour; second += 2) {
      run(2, limit);
      if (level() < last) tries++;
      last = level();
    }
    assert.ok(tries >= 3 && tries < 12, `${tries} tries in an hour`);
    assert.ok(steps.since !== undefined);
  });

  it('decoders that end, and are not counted any more, mean nothing', () => {
    const steps = new StepDown();
    steps.look({ decoders: 9, fed: 1000, dropped: 500, busy: 1 }, 0);
    steps.look({ decoders: 1, fed: 10, dropped: 0, busy: 1 }, 2_000);
    assert.equal(steps.look({ decoders: 1, fed: 20, dropped: 0, busy: 1 }, 4_000), false);
    assert.equal(steps.step, STEPS[0]);
  });
});

describe('a rendition, less what the step takes', () => {
  const source = { width: 1280, height: 720 };
  const bounds = { width: 640, height: 640, quality: 75 };

  it('is what was asked for at the top', () => {
    assert.deepEqual(steppedDown(bounds, STEPS[0]!, source, 15), bounds);
  });

  it('has its share of the rate, of the source’s or of the one that was asked for, never below five a second', () => {
    assert.equal(steppedDown(bounds, { fps: 1 / 3, size: 1 }, source, 30).fps, 10);
    assert.equal(steppedDown({ ...bounds, fps: 12 }, { fps: 1 / 2, size: 1 }, source, 30).fps, 6);
    assert.equal(steppedDown(bounds, { fps: 1 / 3, size: 1 }, source, 12).fps, 5);
    assert.equal(steppedDown(bounds, { fps: 1 / 3, size: 1 }, source, 3).fps, 3);
    assert.equal(steppedDown(bounds, { fps: 1 / 3, size: 1 }, source, undefined).fps, undefined);
  });

  it('is smaller by what it is in truth, not by what it may be', () => {
    const { width, height } = steppedDown(bounds, { fps: 1, size: 1 / 2 }, source, 15);
    assert.deepEqual([width, height], [320, 180]);
  });
});
