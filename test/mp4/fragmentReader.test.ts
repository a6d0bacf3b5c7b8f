import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AudioParameters, VideoParameters } from '../../daemon/frame.ts';
import { fragmentOfTracks, type Mp4Sample } from '../../daemon/mp4/fragment.ts';
import { FragmentReader, type FragmentSample } from '../../daemon/mp4/fragmentReader.ts';
import { initSegment } from '../../daemon/mp4/initSegment.ts';
import { box, fullBox } from '../../daemon/mp4/rawBoxes.ts';
import { readSampleEntry } from '../../daemon/mp4/readSampleEntry.ts';
import { PPS, SPS } from '../ingest/rtpPackets.ts';

const VIDEO: VideoParameters = {
  codec: 'h264',
  width: 640,
  height: 480,
  fps: undefined,
  codecString: 'avc1.640033',
  parameterSets: [SPS, PPS],
};
const AAC: AudioParameters = {
  codec: 'aac',
  sampleRate: 16_000,
  channels: 1,
  codecString: 'mp4a.40.2',
  config: Buffer.from('1408', 'hex'),
  codeBits: undefined,
};
const OPUS: AudioParameters = { ...AAC, codec: 'opus', channels: 2, codecString: 'opus', config: undefined };
const HEAD = initSegment({ video: VIDEO, audio: AAC })!;

const words = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value | 0, i * 4);
  return bytes;
};
const sample = (dts: number, text: string, delay = 0): Mp4Sample => ({
  data: Buffer.from(text),
  dts,
  duration: 100,
  pts: dts + delay,
  key: true,
});
const told = ({ track, decodedAt, shownAt, duration, data }: FragmentSample) =>
  [track, decodedAt, shownAt, duration, data.toString()].join(' ');

function read(...chunks: Buffer[]): { samples: string[]; reader: FragmentReader } {
  const reader = new FragmentReader();
  return { samples: chunks.flatMap((chunk) => reader.push(chunk)).map(told), reader };
}

describe('a fragmented MP4', () => {
  const both = fragmentOfTracks({
    sequence: 1,
    runs: [
      { track: 1, samples: [sample(1000, 'one', 50), sample(1100, 'two', -20)] },
      { track: 2, samples: [sample(7, 'la')] },
    ],
  });
  const expected = ['1 1000 1050 100 one', '1 1100 1080 100 two', '2 7 7 100 la'];

  test('comes apart into the samples of its tracks', () => {
    const { samples, reader } = read(HEAD, both);
    assert.deepEqual(samples, expected);
    assert.deepEqual(
      reader.tracks?.map(({ id, kind, timescale }) => [id, kind, timescale]),
      [
        [1, 'video', 90_000],
        [2, 'audio', 16_000],
      ],
    );
    assert.equal(reader.broken, undefined);
  });

  test('however it was cut', () => {
    const bytes = Buffer.concat([HEAD, both, both]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        assert.deepEqual(read(...chunks).samples, [...expected, ...expected]);
      }),
    );
  });

  test('as ffmpeg writes it: sizes, flags and durations in the fragment’s head, times before 0', () => {
    const data = Buffer.from('picture');
    const tfhd = fullBox('tfhd', 0, 0x020038, words(1, 9000, data.length, 0x0101_0000));
    const tfdt = fullBox('tfdt', 1, 0, words(-1, -15_930));
    const moof = (offset: number) =>
      box(
        'moof',
        fullBox('mfhd', 0, 0, words(1)),
        box('traf', tfhd, tfdt, fullBox('trun', 0, 0x000805, words(1, offset, 0x0200_0000, 18_000))),
      );
    const whole = Buffer.concat([moof(moof(0).length + 8), box('mdat', data)]);
    assert.deepEqual(read(HEAD, whole).samples, ['1 -15930 2070 9000 picture']);
  });

  test('where the fragment says nothing, the file’s head does (trex)', () => {
    const mdat = box('mdat', Buffer.from('abcdef'));
    const tfhd = fullBox('tfhd', 0, 0x020000, words(1));
    const tfdt = fullBox('tfdt', 0, 0, words(50));
    const moof = (offset: number) =>
      box('moof', box('traf', tfhd, tfdt, fullBox('trun', 0, 0x000001, words(2, offset))));
    const head = Buffer.from(HEAD);
    const trex = head.indexOf('trex');
    // Behind the track's number and the sample description: duration, size.
    words(30, 3).copy(head, trex + 16);
    const whole = Buffer.concat([moof(moof(0).length + 8), mdat]);
    assert.deepEqual(read(head, whole).samples, ['1 50 50 30 abc', '1 80 80 30 def']);
  });

  const broken: [string, Buffer][] = [
    ['a box that is larger than any picture', words(0x4000_0000, 0)],
    ['a box that is smaller than its own header', words(4, 0)],
    ['a head without tracks', box('moov')],
    [
      'a run of more samples than there can be',
      box('moof', box('traf', fullBox('tfhd', 0, 0, words(1)), fullBox('trun', 0, 0, words(1e9)))),
    ],
    ['a box that reaches out of the one around it', box('moof', words(99, 0))],
  ];
  for (const [name, bytes] of broken)
    test(`${name} ends it`, () => {
      const { samples, reader } = read(HEAD, bytes, both);
      assert.deepEqual(samples, []);
      assert.notEqual(reader.broken, undefined);
    });

  test('a sample outside of its fragment ends it; those before it stay', () => {
    const [, cut] = [both, Buffer.from(both)];
    const mdat = cut.indexOf('mdat') - 4;
    // The box becomes shorter by the last sample.
    cut.writeUInt32BE(cut.readUInt32BE(mdat) - 2, mdat);
    const { samples, reader } = read(HEAD, cut.subarray(0, -2));
    assert.deepEqual(samples, expected.slice(0, 2));
    assert.match(reader.broken ?? '', /outside/);
  });

  test('any bytes: no error but that it is broken, and nothing beyond what came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(both.length), (noise, at) => {
        const bytes = Buffer.from(both);
        Buffer.from(noise).copy(bytes, at);
        for (const one of new FragmentReader().push(Buffer.concat([HEAD, bytes])))
          assert.ok(one.data.length <= bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a sample entry', () => {
  const entries = (head: Buffer) => {
    const reader = new FragmentReader();
    reader.push(head);
    return reader.tracks?.map(({ boxes }) => boxes.stsd && readSampleEntry(boxes.stsd));
  };

  test('of H.264, AAC, Opus, as we write them', () => {
    assert.deepEqual(entries(HEAD), [
      { codec: 'h264', lengthSize: 4, parameterSets: [SPS, PPS] },
      { codec: 'aac', config: Buffer.from('1408', 'hex') },
    ]);
    assert.deepEqual(entries(initSegment({ audio: OPUS })!), [{ codec: 'opus', channels: 2 }]);
  });

  const entry = (type: string, before: number, ...boxes: Buffer[]) =>
    fullBox('stsd', 0, 0, words(1), box(type, Buffer.alloc(before - 8), ...boxes));
  // ISO/IEC 14496-1: ES_Descriptor with a number and no flags, DecoderConfigDescriptor; lengths in one byte.
  const esds = (type: number) =>
    fullBox('esds', 0, 0, Buffer.of(3, 18, 0, 1, 0, 4, 13, type, ...Array<number>(12).fill(0)));

  test('of JPEG, by either of its names', () => {
    assert.deepEqual(readSampleEntry(entry('jpeg', 86)), { codec: 'mjpeg' });
    assert.deepEqual(readSampleEntry(entry('mp4v', 86, esds(0x6c))), { codec: 'mjpeg' });
  });

  test('of MPEG-4 part 2, VP9, AV1, as we write them', () => {
    const shape = { width: 320, height: 180, fps: undefined };
    const config = Buffer.from('000001b001', 'hex');
    const mpeg4 = { ...shape, codec: 'mpeg4', codecString: 'mp4v.20.1', parameterSets: [config] } as const;
    assert.deepEqual(entries(initSegment({ video: mpeg4 })!), [{ codec: 'mpeg4', config }]);
    const vp9 = { ...shape, codec: 'vp9', codecString: 'vp09.00.11.08', parameterSets: [] } as const;
    assert.deepEqual(entries(initSegment({ video: vp9 })!), [{ codec: 'vp9' }]);
    const sequence = Buffer.from('0a0b00000004', 'hex');
    const av1 = {
      ...shape,
      codec: 'av1',
      codecString: 'av01.0.04M.08.0.110',
      parameterSets: [sequence],
    } as const;
    assert.deepEqual(entries(initSegment({ video: av1 })!), [{ codec: 'av1', config: sequence }]);
  });

  test('of what is not taken is told by its name', () => {
    // MPEG-2.
    assert.deepEqual(readSampleEntry(entry('mp4v', 86, esds(0x61))), { codec: undefined, name: 'mp4v' });
    assert.deepEqual(readSampleEntry(entry('vp08', 86)), { codec: undefined, name: 'vp08' });
    // MP3: an object type that has no configuration.
    assert.deepEqual(readSampleEntry(entry('mp4a', 36, esds(0x6b))), { codec: undefined, name: 'mp4a' });
  });

  test('that is cut off is none', () => {
    const whole = entry('mp4v', 86, esds(0x6c));
    for (let length = 0; length < whole.length; length++)
      assert.equal(readSampleEntry(whole.subarray(0, length))?.codec, undefined, `${length} bytes`);
    assert.equal(readSampleEntry(entry('avc1', 86)), undefined);
  });
});
