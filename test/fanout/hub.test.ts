import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub } from '../../daemon/fanout/hub.ts';

let sequence = 0;
function publish(hub: Hub, content: string): void {
  const now = performance.now();
  hub.publish({ data: Buffer.from(content), sequence: ++sequence, receivedAt: now, decodedAt: now });
}

describe('a hub and pictures that are the very same', () => {
  it('knows nothing before the first', () => {
    const hub = new Hub();
    assert.deepEqual([hub.unchangedFor, hub.silentFor, hub.repeatedFor, hub.version], [null, null, 0, 0]);
  });

  it('counts from the first of them, and anew from the first other one', async () => {
    const hub = new Hub();
    publish(hub, 'a');
    await sleep(60);
    publish(hub, 'a');
    await sleep(60);
    publish(hub, 'a');
    assert.ok((hub.unchangedFor ?? 0) >= 110);
    assert.ok(hub.repeatedFor >= 110 && hub.repeatedFor <= (hub.unchangedFor ?? 0));
    assert.equal(hub.version, 1);
    publish(hub, 'b');
    assert.ok((hub.unchangedFor ?? Infinity) < 60);
    assert.deepEqual([hub.repeatedFor, hub.version], [0, 2]);
    publish(hub, 'a');
    assert.equal(hub.version, 3);
  });

  it('a camera that has stopped repeats nothing', async () => {
    const hub = new Hub();
    publish(hub, 'a');
    await sleep(60);
    assert.equal(hub.repeatedFor, 0);
    assert.ok((hub.silentFor ?? 0) >= 50 && (hub.unchangedFor ?? 0) >= 50);
  });
});
