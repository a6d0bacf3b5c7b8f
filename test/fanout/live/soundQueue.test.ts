import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveViewer } from '../../../daemon/fanout/live/liveViewer.ts';
import { LIVE_KIND } from '../../../daemon/fanout/live/message.ts';
import { SendWindow } from '../../../daemon/fanout/live/sendWindow.ts';
import { SoundQueue } from '../../../daemon/fanout/live/soundQueue.ts';
import type { Waiting } from '../../../daemon/fanout/live/tileQueue.ts';

const message = (kind: Waiting['kind'], bytes = 600): Waiting => ({
  ...{ kind, payload: Buffer.alloc(bytes), receivedAt: performance.now() },
  ...{ key: true, past: false },
});

describe('what waits of the sound', () => {
  it('comes out in its order', () => {
    const queue = new SoundQueue();
    const all = [message('soundInit'), message('sound'), message('sound')];
    for (const [i, one] of all.entries()) queue.offer(one, i);
    assert.deepEqual([queue.take(), queue.take(), queue.take(), queue.take()], [...all, undefined]);
  });

  it('is left out after a second, but for what describes it', () => {
    const queue = new SoundQueue();
    const init = message('soundInit');
    queue.offer(init, 0);
    for (let at = 0; at < 3000; at += 100) queue.offer(message('sound'), at);
    assert.equal(queue.take(), init);
    let left = 0;
    while (queue.take()) left++;
    assert.deepEqual([left, queue.dropped], [11, 19]);
  });
});

describe('sound on a socket whose window is full of pictures', () => {
  const setUp = () => {
    const sent: number[] = [];
    const viewer = new LiveViewer({ window: new SendWindow(), send: (data) => sent.push(data[0]!) });
    const picture = viewer.begin(1);
    const sound = viewer.beginSound(1);
    for (let i = 0; i < 20; i++) viewer.offer(1, picture, message('jpeg', 60_000));
    const count = (kind: keyof typeof LIVE_KIND) => sent.filter((one) => one === LIVE_KIND[kind]).length;
    return { viewer, sound, sent, count };
  };

  it('goes all the same, some seconds of it', () => {
    const { viewer, sound, count } = setUp();
    assert.ok(!viewer.window.open);
    for (let i = 0; i < 50; i++) viewer.offerSound(sound, message('sound', 800));
    assert.equal(count('sound'), 50);
  });

  it('is not sent without end to a viewer who acknowledges nothing', () => {
    const { viewer, sound, count } = setUp();
    for (let i = 0; i < 500; i++) viewer.offerSound(sound, message('sound', 800));
    assert.ok(count('sound') <= 82, `${count('sound')}`);
  });

  it('is counted, and room for it comes with acknowledgements', () => {
    const { viewer, sound, count } = setUp();
    for (let i = 0; i < 500; i++) viewer.offerSound(sound, message('sound', 800));
    const before = count('sound');
    assert.ok(viewer.acked(viewer.window.underWay));
    assert.ok(count('sound') > before);
  });

  it('of an earlier wish is not sent', () => {
    const { viewer, sound, count } = setUp();
    viewer.beginSound(2);
    viewer.offerSound(sound, message('sound'));
    viewer.endSound();
    viewer.offerSound(sound, message('sound'));
    assert.equal(count('sound'), 0);
  });
});
