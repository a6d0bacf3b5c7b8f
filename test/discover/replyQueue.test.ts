import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyQueue } from '../../daemon/discover/replyQueue.ts';

const datagram = (address: string) => ({ data: Buffer.alloc(10), address });
const settled = async (): Promise<void> => {
  for (let n = 0; n < 300; n += 1) await new Promise(setImmediate);
};

describe('the queue of discovery replies (case 20)', () => {
  it('handles nothing inside the socket callback, and everything in order soon after', async () => {
    const handled: string[] = [];
    const queue = new ReplyQueue<{ data: Buffer; address: string }>(
      ({ address }) => void handled.push(address),
    );
    for (let n = 0; n < 100; n += 1) queue.push(datagram(`10.0.0.${n}`));
    assert.equal(handled.length, 0);
    await settled();
    assert.deepEqual(
      handled,
      Array.from({ length: 100 }, (_, n) => `10.0.0.${n}`),
    );
    assert.equal(queue.dropped, 0);
  });

  it('lets one chatterbox take nothing from the others', async () => {
    const handled: string[] = [];
    const queue = new ReplyQueue<{ data: Buffer; address: string }>(
      ({ address }) => void handled.push(address),
    );
    for (let n = 0; n < 5000; n += 1) queue.push(datagram('10.0.0.66'));
    queue.push(datagram('10.0.0.1'));
    await settled();
    assert.ok(handled.includes('10.0.0.1'));
    assert.ok(handled.length < 600);
    assert.equal(queue.dropped + handled.length, 5001);
  });

  it('stays bounded under a flood from many addresses', () => {
    const queue = new ReplyQueue<{ data: Buffer; address: string }>(() => {});
    for (let n = 0; n < 10_000; n += 1) queue.push(datagram(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`));
    assert.equal(queue.dropped, 8_000);
    queue.close();
  });

  it('handles nothing after close', async () => {
    let handled = 0;
    const queue = new ReplyQueue(() => {
      handled += 1;
    });
    queue.push(datagram('10.0.0.1'));
    queue.close();
    queue.push(datagram('10.0.0.1'));
    await settled();
    assert.equal(handled, 0);
  });
});
