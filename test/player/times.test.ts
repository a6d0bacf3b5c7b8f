/** What the players reckon about times: in MP4, of pictures on the screen, of painting. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readTimes, timescaleOf, writeDecodeTime } from '../../kiosk-ui/player/fragmentTimes.ts';
import { GaplessTime } from '../../kiosk-ui/player/gaplessTime.ts';
import { PaintRate } from '../../kiosk-ui/player/paintRate.ts';
import { PictureTimes } from '../../kiosk-ui/player/pictureTimes.ts';
import { type Clip, makeClip, TIMESCALE } from './clip.ts';

function box(type: string, ...parts: (Buffer | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}
const u32 = (...values: number[]) =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value | 0);
      return bytes;
    }),
  );

describe('the times in MP4', () => {
  let clip: Clip;
  before(async () => {
    clip = await makeClip({ groups: 2, fps: 15 });
  });

  it('are read from what ffmpeg writes', () => {
    assert.equal(timescaleOf(clip.segment), TIMESCALE);
    for (const [i, { fragment }] of clip.pictures.entries())
      assert.deepEqual(readTimes(fragment), { decode: i * 6_000, offset: 0, duration: 6_000 });
  });

  it('are read from what the box writes: 64 bits, every field of the run, an offset below zero', () => {
    const tfdt = box('tfdt', u32(0x0100_0000, 2, 7));
    const trun = box('trun', u32(0x0100_0f01, 1, 100, 6_000, 999, 0x0101_0000, -3_000));
    const fragment = box(
      'moof',
      box('mfhd', u32(0, 1)),
      box('traf', box('tfhd', u32(0x0002_0000, 1)), tfdt, trun),
    );
    assert.deepEqual(readTimes(fragment), { decode: 2 * 2 ** 32 + 7, offset: -3_000, duration: 6_000 });
    writeDecodeTime(fragment, 2 ** 33 + 1);
    assert.equal(readTimes(fragment)?.decode, 2 ** 33 + 1);
  });

  it('are read from 32 bits, and from a header before the run', () => {
    const tfhd = box('tfhd', u32(0x0000_000b, 1, 0, 0, 1, 4_000));
    const fragment = box('moof', box('traf', tfhd, box('tfdt', u32(0, 90_000)), box('trun', u32(0x4, 1, 0))));
    assert.deepEqual(readTimes(fragment), { decode: 90_000, offset: 0, duration: 4_000 });
    writeDecodeTime(fragment, 5);
    assert.equal(readTimes(fragment)?.decode, 5);
    const bare = box(
      'moof',
      box('traf', box('tfhd', u32(0, 1)), box('tfdt', u32(0, 1)), box('trun', u32(0, 1))),
    );
    assert.deepEqual(readTimes(bare), { decode: 1, offset: 0, duration: undefined });
  });

  it('are none in what is no MP4, and that is all that happens', () => {
    const { fragment } = clip.pictures[1]!;
    const damage = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(fragment.length), (changes, length) => {
        const damaged = Uint8Array.prototype.slice.call(fragment, 0, length);
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        const times = readTimes(damaged);
        if (times) assert.ok(Number.isFinite(times.decode) && Number.isFinite(times.offset));
        writeDecodeTime(damaged, 77);
        void timescaleOf(damaged);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => assert.equal(readTimes(noise), undefined)));
  });
});

describe('GaplessTime', () => {
  const place = (...pictures: [number, number?][]) => {
    const time = new GaplessTime();
    return pictures.map(
      ([decode, duration = 0.04]) => Math.round(time.place(decode, duration) * 1_000) / 1_000,
    );
  };

  it('leaves times as they are where they follow one another', () => {
    assert.deepEqual(place([100], [100.04], [100.1], [100.12]), [100, 100.04, 100.1, 100.12]);
  });

  it('closes a hole, and goes on from there', () => {
    assert.deepEqual(place([100], [110], [110.04], [110.08]), [100, 100.04, 100.08, 100.12]);
  });

  it('takes no step back when the stream’s clock is set', () => {
    assert.deepEqual(place([100], [20], [20.04]), [100, 100.04, 100.08]);
    assert.deepEqual(place([100], [100], [100.04]), [100, 100.04, 100.08]);
  });

  it('never makes a browser drop a picture, whatever the times are', () => {
    const picture = fc.tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.option(fc.double({ min: 0.001, max: 2, noNaN: true }), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.array(picture, { minLength: 2, maxLength: 50 }), (pictures) => {
        const time = new GaplessTime();
        let last: { at: number; duration: number | undefined } | undefined;
        for (const [decode, duration] of pictures) {
          const at = time.place(decode, duration);
          if (last) {
            assert.ok(at > last.at);
            if (last.duration !== undefined) assert.ok(at - last.at <= 2 * last.duration + 1e-6);
          }
          last = { at, duration };
        }
      }),
    );
  });
});

describe('PictureTimes', () => {
  const picture = (at: number, time: number) => ({ at, time, past: false });

  it('finds the picture that is shown at a position', () => {
    const times = new PictureTimes();
    assert.equal(times.at(5), undefined);
    for (let i = 0; i < 2_000; i++) times.add(picture(100 + i / 25, i));
    for (const [position, time] of [
      [179.96, 1_999],
      [1_000, 1_999],
      [179.959, 1_999], // rounded by the browser
      [179.95, 1_998],
      [170.0, 1_750],
      [170.03, 1_750],
    ] as const)
      assert.equal(times.at(position)?.time, time, String(position));
    assert.equal(times.at(99), undefined);
  });

  it('finds it among pictures that are sent before those they are shown after', () => {
    const times = new PictureTimes();
    for (const at of [0, 0.12, 0.04, 0.08, 0.24, 0.16, 0.2]) times.add(picture(at, at));
    assert.deepEqual(
      [0.05, 0.09, 0.13, 0.17, 0.21, 0.25].map((at) => times.at(at)?.time),
      [0.04, 0.08, 0.12, 0.16, 0.2, 0.24],
    );
  });

  it('knows the interval, in spite of a hole', () => {
    const times = new PictureTimes();
    assert.equal(times.interval, 1 / 15);
    for (const at of [0, 0.04, 0.08, 0.12, 9, 9.04, 9.08]) times.add(picture(at, at));
    assert.ok(Math.abs(times.interval - 0.04) < 1e-9);
  });
});

describe('PaintRate', () => {
  it('counts what was painted in the last two seconds', () => {
    const rate = new PaintRate();
    assert.equal(rate.at(0), 0);
    for (let i = 0; i <= 100; i++) rate.add(i, i * 40);
    assert.ok(Math.abs(rate.at(4_000) - 25) < 0.5);
    // Two at once.
    for (let i = 1; i <= 50; i++) rate.add(100 + 2 * i, 4_000 + i * 80);
    assert.ok(Math.abs(rate.at(8_000) - 25) < 0.5);
  });

  it('falls to nothing when nothing more is painted', () => {
    const rate = new PaintRate();
    for (let i = 0; i <= 100; i++) rate.add(i, i * 40);
    assert.ok(rate.at(5_000) < 14);
    assert.equal(rate.at(6_100), 0);
  });
});
