/** Ranges of recordings as one file: which fragments, at which times, and every byte at its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProducerTime } from '../../daemon/mp4/producerTime.ts';
import { RangeFile } from '../../daemon/record/rangeFile.ts';
import { planRange } from '../../daemon/record/rangePlan.ts';
import { allOf, type BoxSeen, boxTree, only } from '../mp4/boxTree.ts';
import { type MemorySegment, memorySegment, readOf, soundSegment } from './memorySegments.ts';
import { VIDEO } from './units.ts';

const START = Date.UTC(2026, 10, 22, 14);
const open = async ({ bytes }: MemorySegment) => readOf(bytes);

function fileOf(segments: MemorySegment[], from: number, until: number): RangeFile<MemorySegment> {
  const plan = planRange(segments, { from: START + from, until: START + until, mostBefore: 15_000 });
  assert.ok(plan, 'nothing is planned');
  return new RangeFile(plan);
}
async function bytesOf(file: RangeFile<MemorySegment>, from = 0, until = file.length): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.read(from, until, open)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
/** Decoding times of the fragments by their track, in its units. */
const times = (boxes: BoxSeen[], track = 1) =>
  allOf(boxes, 'traf')
    .filter(({ children }) => only(children, 'tfhd').body.readUInt32BE(4) === track)
    .map(({ children }) => Number(only(children, 'tfdt').body.readBigUInt64BE(4)));
const span = ({ plan }: RangeFile<MemorySegment>) => [plan.from - START, Math.round(plan.until - START)];

describe('a range of recordings', () => {
  it('is one file whose times begin at 0 and go on over the segments', async () => {
    const file = fileOf([await memorySegment(START, 5), await memorySegment(START + 5_000, 5)], 0, 60_000);
    const bytes = await bytesOf(file);
    assert.equal(bytes.length, file.length);
    const boxes = boxTree(bytes);
    assert.deepEqual(
      boxes.slice(0, 6).map(({ type }) => type),
      ['ftyp', 'moov', 'sidx', 'prft', 'moof', 'mdat'],
    );
    assert.equal(allOf(boxes, 'moov').length, 1);
    assert.deepEqual(
      times(boxes),
      Array.from({ length: 10 }, (_, i) => i * 90_000),
    );
    assert.deepEqual(
      allOf(boxes, 'mfhd').map(({ body }) => body.readUInt32BE(4)),
      Array.from({ length: 10 }, (_, i) => i + 1),
    );
    assert.deepEqual(span(file), [0, 10_000]);
  });

  it('has the time of day of each fragment, beside its new media time', async () => {
    const file = fileOf([await memorySegment(START, 2), await memorySegment(START + 7_000, 2)], 0, 60_000);
    const bytes = await bytesOf(file);
    for (const { start } of allOf(boxTree(bytes), 'prft')) {
      const media = Number(bytes.readBigUInt64BE(start + 24));
      const time = readProducerTime(bytes.subarray(start, start + 32)) ?? 0;
      assert.ok(Math.abs(time - START - media / 90) < 1, `${time - START} and ${media / 90}`);
    }
  });

  it('has an index in which each reference begins with a key picture', async () => {
    const segments = [await memorySegment(START, 6, { gop: 50 }), await memorySegment(START + 9_000, 4)];
    const bytes = await bytesOf(fileOf(segments, 0, 60_000));
    const boxes = boxTree(bytes);
    const { body, start } = only(boxes, 'sidx');
    const count = body.readUInt16BE(30);
    let at = start + 8 + body.length;
    let time = 0;
    const found: [number, number][] = [];
    for (let i = 0; i < count; i++) {
      const moof = boxes.find((box) => box.type === 'moof' && box.start >= at)!;
      assert.ok(moof.start - at <= 32, 'a prft may stand in front of it');
      assert.deepEqual(times([moof]), [time]);
      assert.equal(only([moof], 'trun').body.readUInt32BE(20) & 0x1_0000, 0, 'a key picture');
      found.push([time / 90_000, body.readUInt32BE(36 + i * 12) / 90_000]);
      time += body.readUInt32BE(36 + i * 12);
      at += body.readUInt32BE(32 + i * 12);
    }
    assert.equal(at, bytes.length);
    assert.deepEqual(found, [
      [0, 2],
      [2, 2],
      [4, 5],
      [9, 1],
      [10, 1],
      [11, 1],
      [12, 1],
    ]);
  });

  it('gives any bytes of it as they are in the whole', async () => {
    const segments = [await memorySegment(START, 3, { gop: 10 }), await soundless(START + 3_000)];
    const file = fileOf(segments, 0, 60_000);
    const whole = await bytesOf(file);
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % below;
    };
    for (let i = 0; i < 300; i++) {
      const from = random(whole.length);
      const until = from + 1 + random(Math.min(i < 150 ? 60 : whole.length, whole.length - from));
      assert.ok((await bytesOf(file, from, until)).equals(whole.subarray(from, until)), `${from}–${until}`);
    }
  });

  it('begins with the key picture before, if that is not too far off', async () => {
    const long = await memorySegment(START, 40, { gop: 500 });
    assert.deepEqual(span(fileOf([long], 29_000, 31_000)), [20_000, 31_000]);
    assert.deepEqual(span(fileOf([long], 34_000, 70_000)), [20_000, 40_000]);
    const longer = await memorySegment(START, 60, { gop: 750 });
    assert.deepEqual(span(fileOf([longer], 20_000, 70_000)), [30_000, 60_000], 'else with the first after');
    assert.deepEqual(span(fileOf([longer], -5_000, 2_000)), [0, 2_000]);
    assert.equal(planRange([longer], { from: START - 9, until: START - 1, mostBefore: 15_000 }), undefined);
    assert.equal(
      planRange([longer], { from: START + 61_000, until: START + 99_000, mostBefore: 15_000 }),
      undefined,
    );
  });

  it('leaves a gap where nothing is recorded, and tells it', async () => {
    const file = fileOf([await memorySegment(START, 2), await memorySegment(START + 60_000, 2)], 0, 90_000);
    assert.deepEqual(times(boxTree(await bytesOf(file))), [0, 90_000, 60 * 90_000, 61 * 90_000]);
    assert.deepEqual(file.plan.gaps, [{ from: START + 2_000, until: START + 60_000 }]);
  });

  it('has no seam where pictures came a little sooner or later, and never runs away from the clock', async () => {
    for (const drift of [-30, 30, -5, 5]) {
      const segments: MemorySegment[] = [];
      for (let i = 0; i < 60; i++) segments.push(await memorySegment(START + i * (2_000 + drift), 2));
      const file = fileOf(segments, 0, 500_000);
      let before = -1;
      let seams = 0;
      for (const { segment, place, shift } of file.plan.fragments) {
        const begins = place.begins + shift;
        assert.ok(begins > before, `${drift}: back in time`);
        if (before >= 0 && begins !== before + 3_600) seams++;
        before = place.last + shift;
        const off = begins / 90 - (segment.from - START + place.begins / 90);
        assert.ok(Math.abs(off) <= 135, `${drift}: ${off} ms off`);
      }
      assert.ok(seams <= (60 * Math.abs(drift)) / 39 + 1, `${drift}: ${seams} seams`);
    }
  });

  it('moves sound by the same time, in its own units', async () => {
    const file = fileOf([await soundSegment(START, 3), await soundSegment(START + 10_000, 3)], 1_500, 60_000);
    const bytes = await bytesOf(file);
    const boxes = boxTree(bytes);
    assert.deepEqual(
      times(boxes),
      [0, 1, 9, 10, 11].map((second) => second * 90_000),
    );
    const sounds = times(boxes, 2);
    for (const [i, second] of [0, 1, 9, 10, 11].entries())
      assert.ok(Math.abs(sounds[i]! / 16_000 - second) < 0.064, `${sounds[i]} for ${second} s`);
    assert.equal(only(boxes, 'sidx').body.readUInt32BE(4), 1, 'the index is of the video');
  });

  it('ends where the codec parameters change', async () => {
    const other = { ...VIDEO, parameterSets: [VIDEO.parameterSets[0]!, Buffer.from('68cb83cb21', 'hex')] };
    const segments = [await memorySegment(START, 2), await memorySegment(START + 2_000, 2, { video: other })];
    const file = fileOf(segments, 0, 60_000);
    assert.deepEqual([span(file), file.plan.cut], [[0, 2_000], true]);
    assert.equal(fileOf(segments, 0, 1_900).plan.cut, false);
  });

  it('passes over what a clock that was set back recorded once more', async () => {
    const segments = [await memorySegment(START, 10), await memorySegment(START + 4_000, 10, { gop: 50 })];
    const file = fileOf(segments, 0, 60_000);
    assert.deepEqual(
      times(boxTree(await bytesOf(file))),
      Array.from({ length: 14 }, (_, i) => i * 90_000),
    );
  });

  it('fails, rather than giving something else, where a file has become shorter', async () => {
    const segment = await memorySegment(START, 3);
    const file = fileOf([segment], 0, 60_000);
    const short = async () => readOf(segment.bytes.subarray(0, -10));
    await assert.rejects(async () => {
      for await (const chunk of file.read(0, file.length, short)) void chunk;
    }, /shorter/);
  });
});

async function soundless(from: number): Promise<MemorySegment> {
  return memorySegment(from, 2, { gop: 60 });
}
