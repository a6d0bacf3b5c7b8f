import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamVideo, type VideoPart } from '../../daemon/camera/streamVideo.ts';
import type { AccessUnit, VideoParameters } from '../../daemon/frame.ts';

const SPS = Buffer.from('6742c01ed901e0896d', 'hex');
const PPS = Buffer.from('68cb83cb20', 'hex');
const video = (more: Partial<VideoParameters> = {}): VideoParameters => ({
  codec: 'h264',
  width: 640,
  height: 360,
  fps: undefined,
  codecString: 'avc1.42C01E',
  parameterSets: [SPS, PPS],
  ...more,
});
const VIDEO = video();
let clock = 0;
function unit(kind: 'key' | 'delta', of: VideoParameters = VIDEO): AccessUnit {
  clock += 40;
  const start = Buffer.from([0, 0, 0, 1]);
  const slice = Buffer.from([kind === 'key' ? 0x65 : 0x41, 0x88, clock & 0xff]);
  const data = kind === 'key' ? [start, SPS, start, PPS, start, slice] : [start, slice];
  return {
    video: of,
    data: Buffer.concat(data),
    key: kind === 'key',
    mediaTime: clock,
    receivedAt: 10_000 + clock,
  };
}
function viewer() {
  const parts: VideoPart[] = [];
  const state = { ended: false };
  return {
    parts,
    state,
    offer: (part: VideoPart) => void parts.push(part),
    end: () => {
      state.ended = true;
    },
    words: () =>
      parts.map(
        ({ kind, key, past }) => `${kind === 'init' ? 'init' : key ? 'key' : 'delta'}${past ? ' past' : ''}`,
      ),
  };
}

it('Annex B goes on one clock through a new session, whose media time begins again', () => {
  const stream = new StreamVideo(() => []);
  const seen = viewer();
  stream.add('annexb', seen);
  const first = unit('key');
  stream.feed(first);
  stream.feed({ ...unit('delta'), mediaTime: first.mediaTime + 40, receivedAt: first.receivedAt + 40 });
  stream.interrupt();
  stream.feed({ ...unit('key'), mediaTime: 0, receivedAt: first.receivedAt + 5_000 });
  const times = seen.parts
    .filter(({ kind }) => kind === 'picture')
    .map(({ time }) => time - first.receivedAt);
  assert.deepEqual(times.map(Math.round), [0, 40, 5_000]);
});

for (const format of ['mp4', 'annexb'] as const)
  describe(`a stream’s own video as ${format}`, () => {
    it('begins for who joins with the whole group of pictures, of which the newest is to be shown', () => {
      const gop = [unit('key'), unit('delta'), unit('delta')];
      const stream = new StreamVideo(() => gop);
      const first = viewer();
      stream.add(format, first);
      assert.deepEqual(first.words(), ['init', 'key past', 'delta past', 'delta']);
      stream.feed(unit('delta'));
      const second = viewer();
      stream.add(format, second);
      assert.deepEqual(second.words(), ['init', 'key past', 'delta past', 'delta past', 'delta']);
      assert.equal(first.words().at(-1), 'delta');
      assert.equal(stream.viewers, 2);
    });

    it('is packed once for all', () => {
      const stream = new StreamVideo(() => [unit('key')]);
      const [a, b] = [viewer(), viewer()];
      stream.add(format, a);
      stream.add(format, b);
      stream.feed(unit('delta'));
      assert.equal(a.parts.at(-1)?.data, b.parts.at(-1)?.data);
    });

    it('begins anew with every change of the parameter sets', () => {
      const stream = new StreamVideo(() => [unit('key')]);
      const one = viewer();
      stream.add(format, one);
      stream.feed(unit('key', video({ width: 320, height: 180 })));
      assert.deepEqual(one.words(), ['init', 'key', 'init', 'key']);
      assert.equal(one.parts[2]?.width, 320);
    });

    it('lets nobody join in the middle of a group that was interrupted', () => {
      const gop = [unit('key')];
      const stream = new StreamVideo(() => gop);
      stream.add(format, viewer());
      stream.interrupt();
      const late = viewer();
      stream.add(format, late);
      assert.deepEqual(late.words(), ['init']);
      stream.feed(unit('key'));
      assert.equal(late.words().at(-1), 'key');
    });

    it('waits for a key picture where there is none', () => {
      const stream = new StreamVideo(() => []);
      const one = viewer();
      stream.add(format, one);
      stream.feed(unit('delta'));
      assert.deepEqual(one.words(), []);
      stream.feed(unit('key'));
      assert.deepEqual(one.words(), ['init', 'key']);
    });

    it('ends with the stream, and a viewer may leave twice', () => {
      const stream = new StreamVideo(() => []);
      const one = viewer();
      const leave = stream.add(format, one);
      leave();
      leave();
      assert.equal(stream.viewers, 0);
      stream.add(format, one);
      stream.end();
      assert.equal(one.state.ended, true);
      assert.equal(stream.viewers, 0);
    });
  });

describe('a fragment', () => {
  it('holds the picture behind its length, without parameter sets', () => {
    const stream = new StreamVideo(() => [unit('key')]);
    const one = viewer();
    stream.add('mp4', one);
    const mdat = one.parts[1]?.data ?? Buffer.alloc(0);
    const at = mdat.indexOf('mdat') + 4;
    assert.equal(mdat.readUInt32BE(at), 3);
    assert.equal(mdat[at + 4], 0x65);
    assert.equal(mdat.length, at + 7);
  });
});
