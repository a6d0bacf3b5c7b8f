import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SendWindow } from '../../../daemon/fanout/live/sendWindow.ts';

interface Link {
  /** Bytes a millisecond, at that time. */
  rate: (now: number) => number;
  /** Milliseconds, there and back. */
  way: number;
}

/** A sender that always has something, over a link that keeps what it cannot carry at once. One step a millisecond. */
function run(window: SendWindow, { rate, way }: Link, milliseconds: number, size: number) {
  const acks: { at: number; total: number }[] = [];
  const delays: { at: number; delay: number }[] = [];
  let sent = 0;
  let free = 0;
  for (let now = 0; now < milliseconds; now++) {
    while (acks[0] && acks[0].at <= now) {
      window.acked(acks.shift()!.total, now);
      delays.push({ at: now, delay: window.delay ?? 0 });
    }
    while (window.open) {
      window.sent(size, now);
      sent += size;
      free = Math.max(free, now) + size / rate(now);
      acks.push({ at: Math.ceil(free + way), total: sent });
    }
    window.held(now);
  }
  const longest = (from: number) =>
    Math.max(...delays.filter(({ at }) => at >= from).map(({ delay }) => delay));
  return { arrived: sent - window.underWay, longest };
}

describe('a send window', () => {
  it('lets a message of any size go when nothing is under way, and no second one beyond its limit', () => {
    const window = new SendWindow();
    assert.equal(window.open, true);
    window.sent(10_000_000, 0);
    assert.equal(window.open, false);
    assert.equal(window.acked(10_000_000, 5), true);
    assert.equal(window.open, true);
  });

  it('keeps what is under way on a slow link short, though the link would swallow seconds', () => {
    const window = new SendWindow();
    // 500 kbit/s.
    const { longest, arrived } = run(window, { rate: () => 62.5, way: 40 }, 30_000, 6_000);
    assert.ok(longest(15_000) < 600, `${longest(15_000)} ms`);
    // And uses all of the link.
    assert.ok(arrived > 0.95 * 62.5 * 30_000, `${arrived} bytes`);
    const rate = window.bitsPerSecond(30_000);
    assert.ok(rate > 450_000 && rate < 550_000, `${rate} bit/s`);
  });

  it('does not hold up a fast link, long as it may be', () => {
    const window = new SendWindow();
    // 200 Mbit/s, 100 ms: 2.5 MB under way.
    const { arrived } = run(window, { rate: () => 25_000, way: 100 }, 20_000, 50_000);
    assert.ok(arrived > 0.8 * 25_000 * 20_000, `${arrived / (25_000 * 20_000)}`);
  });

  it('follows a link that becomes slow', () => {
    const window = new SendWindow();
    // From 100 Mbit/s to 1 Mbit/s in the tenth second.
    const rate = (now: number) => (now < 10_000 ? 12_500 : 125);
    const { longest } = run(window, { rate, way: 5 }, 60_000, 6_000);
    assert.ok(longest(40_000) < 600, `${longest(40_000)} ms`);
  });

  it('believes no viewer who has more than was sent, or less than before', () => {
    const window = new SendWindow();
    window.sent(100, 0);
    assert.equal(window.acked(101, 1), false);
    assert.equal(window.acked(60, 1), true);
    assert.equal(window.acked(50, 2), false);
    assert.equal(window.underWay, 40);
  });

  it('says how long the oldest message has been under way', () => {
    const window = new SendWindow();
    assert.equal(window.oldest(5), 0);
    window.sent(10, 5);
    window.sent(10, 50);
    assert.equal(window.oldest(65), 60);
    window.acked(10, 65);
    assert.equal(window.oldest(65), 15);
  });

  it('never opens for more than its limit, whatever the viewer says', () => {
    const step = fc.oneof(
      fc.record({ send: fc.integer({ min: 1, max: 300_000 }) }),
      fc.record({ ack: fc.integer({ min: 0, max: 3_000_000 }) }),
      fc.record({ wait: fc.integer({ min: 0, max: 2_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const window = new SendWindow();
        let now = 0;
        for (const one of steps) {
          if ('send' in one) window.sent(one.send, now);
          else if ('ack' in one) window.acked(one.ack, now);
          else now += one.wait;
          assert.ok(window.underWay >= 0);
          assert.ok(window.limit >= 16 * 1024 && window.limit <= 8 * 1024 * 1024);
          assert.equal(window.open, window.underWay === 0 || window.underWay < window.limit);
          assert.ok(window.bitsPerSecond(now) >= 0);
        }
      }),
    );
  });
});
