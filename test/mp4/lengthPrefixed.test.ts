import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VideoCodec } from '../../daemon/frame.ts';
import { lengthPrefixed } from '../../daemon/mp4/lengthPrefixed.ts';
import { annexBNals, toAnnexB } from '../../daemon/nal/annexB.ts';

/** The NAL units of a sample. */
function nalsOf(sample: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = 0; at < sample.length; ) {
    const length = sample.readUInt32BE(at);
    nals.push(sample.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return nals;
}

const hex = (nals: readonly Buffer[]) => nals.map((nal) => nal.toString('hex'));
const h264 = (...types: number[]) => types.map((type, i) => Buffer.of(0x60 | type, i, 0x11, 0x80));
const hevc = (...types: number[]) => types.map((type, i) => Buffer.of(type << 1, 1, i, 0x80));

const CASES: { name: string; codec: VideoCodec; nals: Buffer[]; kept: number[] }[] = [
  { name: 'a picture of one slice', codec: 'h264', nals: h264(1), kept: [0] },
  {
    name: 'parameter sets before an IDR picture are left out',
    codec: 'h264',
    nals: h264(7, 8, 5),
    kept: [2],
  },
  { name: 'two slices with SEI stay in order', codec: 'h264', nals: h264(6, 5, 5), kept: [0, 1, 2] },
  {
    name: 'delimiter, SPS extension and filler are left out, wherever they are',
    codec: 'h264',
    nals: h264(9, 13, 1, 12, 1, 12),
    kept: [2, 4],
  },
  {
    name: 'H.265: VPS, SPS, PPS, delimiter and filler are left out',
    codec: 'hevc',
    nals: hevc(35, 32, 33, 34, 39, 19, 38, 40),
    kept: [4, 5, 7],
  },
  { name: 'H.265: TRAIL_N, whose type is 0, is a picture', codec: 'hevc', nals: hevc(0), kept: [0] },
  { name: 'of parameter sets alone nothing is left', codec: 'h264', nals: h264(7, 8), kept: [] },
];

for (const { name, codec, nals, kept } of CASES) {
  test(name, () => {
    const sample = lengthPrefixed(toAnnexB(nals), codec);
    assert.deepEqual(hex(nalsOf(sample)), hex(kept.map((i) => nals[i]!)));
  });
}

test('a NAL unit of a megabyte keeps every byte', () => {
  const nal = Buffer.alloc(1_000_000, 0x55);
  nal[0] = 0x65;
  const sample = lengthPrefixed(toAnnexB([nal]), 'h264');
  assert.equal(sample.readUInt32BE(0), nal.length);
  assert.ok(sample.subarray(4).equals(nal));
});

test('what has no start code is no NAL unit, and empty ones are left out', () => {
  assert.equal(lengthPrefixed(Buffer.from('6588', 'hex'), 'h264').length, 0);
  assert.equal(lengthPrefixed(Buffer.alloc(0), 'h264').length, 0);
  assert.equal(lengthPrefixed(Buffer.from('0000000100000001', 'hex'), 'h264').length, 0);
  assert.deepEqual(
    hex(nalsOf(lengthPrefixed(Buffer.from('ff0000000100000001658800000001', 'hex'), 'h264'))),
    ['6588'],
  );
});

test('every NAL unit that is not of a type left out comes back, of whatever bytes', () => {
  /** As encoders write it: no start code inside, no zero at the end. */
  const nal = fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.concat([Buffer.from(bytes.map((b) => (b < 4 ? b + 4 : b))), Buffer.of(0x80)]));
  fc.assert(
    fc.property(fc.array(nal, { maxLength: 12 }), fc.constantFrom('h264', 'hevc'), (nals, codec) => {
      const left = codec === 'h264' ? [7, 8, 9, 12, 13] : [32, 33, 34, 35, 38];
      const type = (n: Buffer) => (codec === 'h264' ? n[0]! & 0x1f : (n[0]! >> 1) & 0x3f);
      const kept = nals.filter((n) => !left.includes(type(n)));
      assert.deepEqual(hex(nalsOf(lengthPrefixed(toAnnexB(nals), codec as VideoCodec))), hex(kept));
    }),
  );
});

test('arbitrary bytes make a sample whose lengths are right, and never an error', () => {
  const bytes = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 0, 0, 1) }, fc.nat(255)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(bytes, fc.constantFrom<VideoCodec>('h264', 'hevc', 'mjpeg'), (values, codec) => {
      const data = Buffer.from(values);
      const sample = lengthPrefixed(data, codec);
      assert.ok(sample.length <= data.length);
      if (codec === 'mjpeg') return;
      const nals = nalsOf(sample);
      assert.equal(
        nals.reduce((sum, { length }) => sum + 4 + length, 0),
        sample.length,
      );
      assert.ok(nals.every(({ length }) => length > 0));
    }),
  );
});

test('splits as ingest does', () => {
  const data = toAnnexB(h264(6, 5, 1, 1));
  assert.deepEqual(hex(nalsOf(lengthPrefixed(data, 'h264'))), hex(annexBNals(data)));
});
