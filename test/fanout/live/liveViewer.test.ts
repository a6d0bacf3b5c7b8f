import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveViewer } from '../../../daemon/fanout/live/liveViewer.ts';
import {
  initPayload,
  LIVE_HEADER,
  LIVE_KEY,
  LIVE_PAST,
  liveHeader,
} from '../../../daemon/fanout/live/message.ts';
import { SendWindow } from '../../../daemon/fanout/live/sendWindow.ts';
import type { Waiting } from '../../../daemon/fanout/live/tileQueue.ts';

function viewer() {
  const sent: Buffer[] = [];
  const live = new LiveViewer({
    window: new SendWindow(),
    send: (...parts) => sent.push(Buffer.concat(parts)),
  });
  const bytes = () => sent.reduce((sum, { length }) => sum + length, 0);
  const tiles = () => sent.map((message) => message.readUInt16BE(2));
  return { live, sent, bytes, tiles };
}
const jpeg = (bytes = 10): Waiting => ({
  kind: 'jpeg',
  payload: Buffer.alloc(bytes),
  receivedAt: performance.now(),
  key: true,
  past: false,
});

describe('a live message', () => {
  it('has sixteen bytes before its payload', () => {
    const header = { kind: 'mp4', tile: 0x1234, feed: 7, time: 1e12 + 0.5, key: true, past: true } as const;
    const written = liveHeader(header);
    assert.equal(written.length, LIVE_HEADER);
    assert.equal(written.toString('hex', 0, 8), `03${'03'}1234${'00000007'}`);
    assert.equal(written[1], LIVE_KEY | LIVE_PAST);
    assert.equal(written.readDoubleBE(8), 1e12 + 0.5);
  });

  it('begins a video with its size, its codec and its segment', () => {
    const payload = initPayload({
      width: 640,
      height: 360,
      codec: 'avc1.42C01E',
      segment: Buffer.from('moov'),
    });
    assert.equal(payload.toString('latin1'), '\x02\x80\x01\x68\x0bavc1.42C01Emoov');
  });
});

describe('a live viewer', () => {
  it('gives each tile its turn when the way is narrow', () => {
    const { live, tiles, bytes } = viewer();
    const feeds = [1, 2, 3].map((tile) => live.begin(tile));
    // Fills the window.
    live.offer(1, feeds[0]!, jpeg(300_000));
    for (let round = 0; round < 3; round++)
      for (const tile of [1, 2, 3]) live.offer(tile, feeds[tile - 1]!, jpeg(300_000));
    assert.deepEqual(tiles(), [1]);
    for (let ack = 0; ack < 3; ack++) live.acked(bytes());
    assert.deepEqual(tiles(), [1, 2, 3, 1]);
    // Of each tile the newest of what waited.
    assert.equal(live.dropped, 6);
  });

  it('sends nothing of what a tile was before', () => {
    const { live, sent } = viewer();
    const old = live.begin(1);
    const now = live.begin(1);
    live.offer(1, old, jpeg());
    assert.equal(sent.length, 0);
    live.offer(1, now, jpeg());
    assert.equal(sent[0]?.readUInt32BE(4), now);
    live.close(1);
    live.offer(1, now, jpeg());
    assert.equal(sent.length, 1);
  });

  it('tells when the box had the picture', () => {
    const { live, sent } = viewer();
    const feed = live.begin(1);
    live.offer(1, feed, { ...jpeg(), receivedAt: performance.now() - 5_000 });
    const age = Date.now() - (sent[0]?.readDoubleBE(8) ?? 0);
    assert.ok(age >= 4_990 && age < 6_000, `${age} ms`);
  });

  it('is not strained by a camera that sends nothing, but by a tile that waits', () => {
    const { live } = viewer();
    const feed = live.begin(1);
    const now = performance.now();
    assert.deepEqual(live.observe(now + 5_000), { strained: false, full: false });
    live.offer(1, feed, jpeg(300_000));
    live.offer(1, feed, jpeg());
    assert.deepEqual(live.observe(performance.now()), { strained: false, full: true });
    assert.equal(live.observe(performance.now() + 1_500).strained, true);
  });

  it('counts what was dropped of tiles that are closed', () => {
    const { live } = viewer();
    const feed = live.begin(1);
    live.offer(1, feed, jpeg(300_000));
    live.offer(1, feed, jpeg());
    live.close(1);
    assert.equal(live.dropped, 1);
    assert.equal(live.waiting, 0);
  });
});
