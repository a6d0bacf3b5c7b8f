import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TileQueue, type Waiting } from '../../../daemon/fanout/live/tileQueue.ts';

const message = (kind: Waiting['kind'], name: string, more: Partial<Waiting> = {}): Waiting => ({
  kind,
  payload: Buffer.from(name),
  receivedAt: 0,
  key: false,
  past: false,
  ...more,
});
const key = (name: string) => message('mp4', name, { key: true });
const delta = (name: string) => message('mp4', name);
const names = (queue: TileQueue) => {
  const all: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) all.push(next.payload.toString());
  return all.join(' ');
};

describe('what waits for a tile', () => {
  it('is of JPEGs the newest', () => {
    const queue = new TileQueue();
    for (const name of ['a', 'b', 'c']) queue.offer(message('jpeg', name), 0);
    assert.equal(names(queue), 'c');
    assert.equal(queue.dropped, 2);
    assert.equal(queue.bytes, 0);
  });

  it('is video in its order', () => {
    const queue = new TileQueue();
    for (const one of [message('init', 'i'), key('k'), delta('1'), delta('2')]) queue.offer(one, 0);
    assert.equal(names(queue), 'i k 1 2');
    assert.equal(queue.dropped, 0);
  });

  it('is given up to the last picture when it has waited for a second, and begins again at the next key picture', () => {
    const queue = new TileQueue();
    queue.offer(message('init', 'i'), 0);
    queue.offer(key('k'), 0);
    queue.offer(delta('1'), 900);
    queue.offer(delta('2'), 1_001);
    queue.offer(delta('3'), 1_040);
    queue.offer(key('K'), 1_080);
    queue.offer(delta('4'), 1_120);
    assert.equal(names(queue), 'i K 4');
    assert.equal(queue.dropped, 4);
    assert.equal(queue.jumps, 1);
  });

  it('makes place at once for a key picture when it is behind', () => {
    const queue = new TileQueue();
    queue.offer(key('k'), 0);
    queue.offer(delta('1'), 40);
    queue.offer(key('K'), 300);
    assert.equal(names(queue), 'K');
    assert.equal(queue.dropped, 2);
  });

  it('keeps the group of pictures in front of a key picture that comes in time', () => {
    const queue = new TileQueue();
    queue.offer(key('k'), 0);
    queue.offer(delta('1'), 40);
    queue.offer(key('K'), 80);
    assert.equal(names(queue), 'k 1 K');
  });

  it('keeps the whole burst that a viewer begins with, however many key pictures are in it', () => {
    const queue = new TileQueue();
    const past = { past: true };
    queue.offer(message('init', 'i'), 0);
    queue.offer({ ...key('k'), ...past }, 0);
    queue.offer({ ...delta('1'), ...past }, 0);
    queue.offer(delta('2'), 1);
    assert.equal(names(queue), 'i k 1 2');
  });

  it('is another video’s beginning alone when that comes', () => {
    const queue = new TileQueue();
    for (const one of [message('init', 'i'), key('k'), message('init', 'I'), key('K')]) queue.offer(one, 0);
    assert.equal(names(queue), 'I K');
  });

  it('has a bound in bytes', () => {
    const queue = new TileQueue();
    queue.offer(key('k'), 0);
    const big = message('mp4', '', { payload: Buffer.alloc(3_000_000) });
    queue.offer(big, 1);
    queue.offer(big, 2);
    assert.ok(queue.bytes < 4 * 1024 * 1024);
    assert.equal(names(queue), '');
    assert.equal(queue.dropped, 3);
  });

  it('never holds a picture without those that it needs', () => {
    const one = fc.record({
      kind: fc.constantFrom('key', 'delta', 'delta', 'delta', 'init', 'take'),
      wait: fc.integer({ min: 0, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 120 }), (steps) => {
        const queue = new TileQueue();
        let now = 0;
        let number = 0;
        /** The number that the next picture must have, unless it is a key picture. */
        let next: number | undefined;
        for (const { kind, wait } of steps) {
          now += wait;
          if (kind === 'take') {
            const taken = queue.take();
            if (!taken || taken.kind === 'init') continue;
            const its = Number(taken.payload.toString());
            assert.ok(taken.key || its === next, `${its} after ${next}`);
            next = its + 1;
          } else if (kind === 'init') {
            queue.offer(message('init', 'i'), now);
            queue.offer(message('mp4', String(number++), { key: true }), now);
          } else if (kind === 'key' || number > 0)
            queue.offer(message('mp4', String(number++), { key: kind === 'key' }), now);
        }
      }),
    );
  });
});
