import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fragment, fragmentOfTracks, type Mp4Sample } from '../../daemon/mp4/fragment.ts';
import { allOf, type BoxSeen, boxTree, only, outline } from './boxTree.ts';

const sample = (dts: number, more: Partial<Mp4Sample> = {}): Mp4Sample => ({
  data: Buffer.of(0, 0, 0, 2, 0x65, dts & 0xff),
  dts,
  duration: 3600,
  pts: dts,
  key: false,
  ...more,
});

/** A trun with all four fields of each sample (ISO/IEC 14496-12 §8.8.8). */
function run({ body }: BoxSeen) {
  const count = body.readUInt32BE(4);
  const samples = Array.from({ length: count }, (_, i) => {
    const at = 12 + 16 * i;
    return {
      duration: body.readUInt32BE(at),
      size: body.readUInt32BE(at + 4),
      flags: body
        .readUInt32BE(at + 8)
        .toString(16)
        .padStart(8, '0'),
      offset: body.readInt32BE(at + 12),
    };
  });
  return { version: body[0], flags: body.readUIntBE(1, 3), dataOffset: body.readInt32BE(8), samples };
}

const decodeTimeOf = (bytes: Buffer) => {
  const { body } = only(boxTree(bytes), 'tfdt');
  return { version: body[0], time: body.readBigUInt64BE(4) };
};

describe('a fragment of one picture', () => {
  const bytes = fragment({ sequence: 7, track: 1, samples: [sample(90_000, { pts: 93_600, key: true })] });
  const boxes = boxTree(bytes);

  test('is a moof and an mdat, nothing else', () => {
    assert.equal(outline(boxes), 'moof(mfhd traf(tfhd tfdt trun)) mdat');
  });

  test('has its sequence number, its track, and its offsets from the moof', () => {
    assert.equal(only(boxes, 'mfhd').body.readUInt32BE(4), 7);
    const tfhd = only(boxes, 'tfhd').body;
    assert.equal(tfhd.readUInt32BE(0), 0x020000);
    assert.equal(tfhd.readUInt32BE(4), 1);
  });

  test('has duration, size, flags and composition offset', () => {
    const { version, flags, samples } = run(only(boxes, 'trun'));
    assert.equal(version, 1);
    assert.equal(flags, 0xf01);
    assert.deepEqual(samples, [{ duration: 3600, size: 6, flags: '02000000', offset: 3600 }]);
  });

  test('says where its data begins', () => {
    const { dataOffset } = run(only(boxes, 'trun'));
    assert.equal(dataOffset, only(boxes, 'mdat').start + 8);
    assert.deepEqual(bytes.subarray(dataOffset), sample(90_000).data);
  });
});

test('a picture that needs others is no sync sample and depends on others', () => {
  const bytes = fragment({ sequence: 1, track: 1, samples: [sample(0)] });
  assert.equal(run(only(boxTree(bytes), 'trun')).samples[0]!.flags, '01010000');
});

test('a picture that is shown before it is decoded has a negative offset, which version 1 allows', () => {
  const bytes = fragment({ sequence: 1, track: 1, samples: [sample(9000, { pts: 5400 })] });
  const { version, samples } = run(only(boxTree(bytes), 'trun'));
  assert.deepEqual([version, samples[0]!.offset], [1, -3600]);
});

test('an offset beyond 32 bits is as large as it can be', () => {
  const far = [sample(0, { pts: 2 ** 40 }), sample(2 ** 40, { pts: 0 })];
  const offsets = far.map((one) => fragment({ sequence: 1, track: 1, samples: [one] }));
  assert.deepEqual(
    offsets.map((bytes) => run(only(boxTree(bytes), 'trun')).samples[0]!.offset),
    [0x7fff_ffff, -0x7fff_ffff],
  );
});

describe('decoding times', () => {
  const YEAR = 365.25 * 24 * 3600 * 90_000;
  for (const dts of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Math.round(YEAR), 2 ** 52 + 12_345]) {
    test(`${dts} has 64 bits`, () => {
      const bytes = fragment({ sequence: 1, track: 1, samples: [sample(dts)] });
      assert.deepEqual(decodeTimeOf(bytes), { version: 1, time: BigInt(dts) });
    });
  }

  test('sequence numbers begin anew after 32 bits', () => {
    const bytes = fragment({ sequence: 2 ** 32 + 5, track: 1, samples: [sample(0)] });
    assert.equal(only(boxTree(bytes), 'mfhd').body.readUInt32BE(4), 5);
  });

  test('within a fragment the next sample’s has the last word, the last sample’s duration is its own', () => {
    const samples = [sample(0), sample(3600), sample(9000)];
    const { samples: seen } = run(only(boxTree(fragment({ sequence: 1, track: 1, samples })), 'trun'));
    assert.deepEqual(
      seen.map(({ duration }) => duration),
      [3600, 5400, 3600],
    );
  });
});

describe('a fragment of several tracks', () => {
  const data = (byte: number, length: number) => ({ data: Buffer.alloc(length, byte) });
  const runs = [
    { track: 1, samples: [sample(0, data(1, 10)), sample(3600, data(2, 20))] },
    { track: 2, samples: [sample(100, data(3, 5)), sample(1124, data(4, 6)), sample(2148, data(5, 7))] },
  ];
  const bytes = fragmentOfTracks({ sequence: 3, runs });
  const boxes = boxTree(bytes);

  test('has a traf for each', () => {
    assert.equal(outline(boxes), 'moof(mfhd traf(tfhd tfdt trun) traf(tfhd tfdt trun)) mdat');
    assert.deepEqual(
      allOf(boxes, 'tfhd').map(({ body }) => body.readUInt32BE(4)),
      [1, 2],
    );
    assert.deepEqual(
      allOf(boxes, 'tfdt').map(({ body }) => body.readBigUInt64BE(4)),
      [0n, 100n],
    );
  });

  test('says where the data of each begins', () => {
    for (const [i, trun] of allOf(boxes, 'trun').entries()) {
      const { dataOffset, samples } = run(trun);
      let at = dataOffset;
      for (const [j, { size }] of samples.entries()) {
        assert.deepEqual(bytes.subarray(at, at + size), runs[i]!.samples[j]!.data);
        at += size;
      }
    }
    assert.equal(only(boxes, 'mdat').body.length, 48);
  });

  test('leaves out a track without samples', () => {
    const one = fragmentOfTracks({ sequence: 1, runs: [{ track: 1, samples: [] }, runs[1]!] });
    assert.equal(outline(boxTree(one)), 'moof(mfhd traf(tfhd tfdt trun)) mdat');
  });
});
