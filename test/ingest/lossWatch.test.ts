import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LossWatch } from '../../daemon/ingest/lossWatch.ts';

/** Looks twice a second while so many packets come and are lost in each; what was answered. */
function looks(seconds: number, each: (second: number) => { received: number; lost: number }) {
  const watch = new LossWatch();
  const counted = { received: 0, lost: 0 };
  const answers: (number | undefined)[] = [];
  for (let half = 0; half <= seconds * 2; half++) {
    const { received, lost } = each(half / 2);
    counted.received += received / 2;
    counted.lost += lost / 2;
    answers.push(watch.look(counted, 1_000_000 + half * 500));
  }
  return answers;
}
const worst = (answers: (number | undefined)[]) => answers.find((answer) => answer !== undefined);

describe('LossWatch', () => {
  test('5 % for ten seconds are told, not sooner', () => {
    const answers = looks(12, () => ({ received: 95, lost: 5 }));
    assert.equal(
      answers.slice(0, 20).every((answer) => answer === undefined),
      true,
    );
    assert.ok(Math.abs((worst(answers) ?? 0) - 0.05) < 0.005);
  });

  test('what is bearable is not: nothing, few, all at once', () => {
    assert.equal(worst(looks(60, () => ({ received: 100, lost: 0 }))), undefined);
    assert.equal(worst(looks(60, () => ({ received: 1000, lost: 5 }))), undefined);
    assert.equal(worst(looks(60, (second) => ({ received: 100, lost: second === 20 ? 500 : 0 }))), undefined);
    assert.equal(worst(looks(60, () => ({ received: 0, lost: 0 }))), undefined);
  });

  test('it may begin at any time', () => {
    const answers = looks(40, (second) => ({ received: 90, lost: second > 25 ? 10 : 0 }));
    const at = answers.findIndex((answer) => answer !== undefined) / 2;
    assert.ok(at > 26 && at < 31, `${at} s`);
  });

  test('after a pause it is counted anew', () => {
    const watch = new LossWatch();
    for (let second = 0; second < 9; second++)
      watch.look({ received: second * 90, lost: second * 10 }, second * 1_000);
    watch.reset();
    assert.equal(watch.look({ received: 900, lost: 100 }, 10_000), undefined);
  });

  test('whatever is counted, it is a share or nothing', () => {
    const step = fc.record({
      received: fc.nat(1e6),
      lost: fc.integer({ min: -100, max: 1e6 }),
      later: fc.nat(20_000),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const watch = new LossWatch();
        let now = 0;
        for (const { received, lost, later } of steps) {
          now += later;
          const share = watch.look({ received, lost }, now);
          assert.ok(share === undefined || share > 0, `${share}`);
        }
      }),
    );
  });
});
