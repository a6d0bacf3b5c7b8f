import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ladder, LEVELS, LOWEST_LEVEL } from '../../../daemon/fanout/live/ladder.ts';

const CALM = { strained: false, full: false };
const STRAINED = { strained: true, full: true };

/** One observation a second from `from` to `to` (seconds); the levels that it went through. */
function observe(ladder: Ladder, observation: typeof CALM, from: number, to: number): number[] {
  const levels = [ladder.level];
  for (let second = from; second < to; second++) {
    const level = ladder.observe(observation, second * 1000);
    if (level !== levels.at(-1)) levels.push(level);
  }
  return levels;
}

describe('the ladder', () => {
  it('stays on the first rung while nothing is strained', () => {
    assert.deepEqual(observe(new Ladder(), CALM, 0, 600), [0]);
  });

  it('passes over one bad second', () => {
    const ladder = new Ladder();
    ladder.observe(STRAINED, 5_000);
    assert.deepEqual(observe(ladder, CALM, 6, 20), [0]);
  });

  it('goes down rung by rung to the lowest and stays there', () => {
    assert.deepEqual(observe(new Ladder(), STRAINED, 0, 60), [0, 1, 2, 3, 4, 5]);
    assert.equal(LEVELS.length - 1, LOWEST_LEVEL);
  });

  it('does not go up while the connection is full, though nothing is strained', () => {
    const ladder = new Ladder();
    observe(ladder, STRAINED, 0, 12);
    const { level } = ladder;
    assert.ok(level > 0);
    assert.deepEqual(observe(ladder, { strained: false, full: true }, 12, 300), [level]);
  });

  it('goes up again, one rung each ten seconds, when it is calm', () => {
    const ladder = new Ladder();
    observe(ladder, STRAINED, 0, 60);
    assert.deepEqual(observe(ladder, CALM, 60, 130), [5, 4, 3, 2, 1, 0]);
  });

  it('tries less and less often what did not last', () => {
    const ladder = new Ladder();
    observe(ladder, STRAINED, 0, 7);
    const low = ladder.level;
    const tries: number[] = [];
    let strained = 0;
    for (let second = 7; second < 1200; second++) {
      const before = ladder.level;
      // One rung further up is always too much.
      const observation = before < low ? STRAINED : CALM;
      if (observation === STRAINED) strained++;
      if (ladder.observe(observation, second * 1000) < before) tries.push(second);
    }
    const pauses = tries.slice(1).map((at, i) => at - tries[i]!);
    assert.ok(tries.length >= 4, `${tries}`);
    assert.deepEqual(
      [...pauses].sort((a, b) => a - b),
      pauses,
    );
    assert.ok(Math.max(...pauses) <= 320);
    assert.ok(strained < 60, `${strained} seconds of 1200 spoiled by trying`);
  });
});

describe('each rung', () => {
  it('asks for no more than the one before', () => {
    for (const [i, level] of LEVELS.entries()) {
      const before = LEVELS[i - 1];
      if (!before) continue;
      assert.ok(level.small >= before.small && level.jpeg >= before.jpeg);
      assert.ok((level.bounds.fps ?? Infinity) <= (before.bounds.fps ?? Infinity));
      assert.ok(level.bounds.scale <= before.bounds.scale);
      assert.ok((level.bounds.quality ?? Infinity) <= (before.bounds.quality ?? Infinity));
      assert.notDeepEqual(level, before);
    }
  });
});
