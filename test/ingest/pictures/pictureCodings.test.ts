/** MPEG-4 part 2, VP8, VP9, AV1: what is in front of a picture’s bytes in a packet, and what the first bytes of a picture say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { av1Sequence } from '../../../daemon/ingest/pictures/av1Sequence.ts';
import { mpeg4Config } from '../../../daemon/ingest/pictures/mpeg4Coding.ts';
import { mpeg4Layer } from '../../../daemon/ingest/pictures/mpeg4Layer.ts';
import { pictureCoding } from '../../../daemon/ingest/pictures/pictureCodings.ts';
import { PictureDepacketizer } from '../../../daemon/ingest/pictures/pictureDepacketizer.ts';
import { bytes, hex, received, type Script } from '../rtpPackets.ts';

/** ffmpeg’s headers of 320×180 at 15 a second: profile and level 1. */
const CONFIG = '00 00 01 b0 01 00 00 01 b5 89 13 00 00 01 00 00 00 01 20 00 c4 8d 88 00 7d 0a 04 16 94 43';
/** 15 ticks a second: four bits of vop_time_increment behind the type, a 0 and a marker. */
const I_VOP = '00 00 01 b6 10 60 aa';
const P_VOP = '00 00 01 b6 51 e0 bb';

function depacketize(codec: string, scripts: readonly Script[], config?: string) {
  const coding = pictureCoding(codec, mpeg4Config(config?.replaceAll(' ', '')))!;
  const depacketizer = new PictureDepacketizer({ coding, clockRate: 90_000 });
  const units = scripts.flatMap((script, i) => depacketizer.push(received(script, i)));
  units.push(...depacketizer.flush());
  return { units, depacketizer };
}
const datas = ({ units }: ReturnType<typeof depacketize>) => units.map(({ data }) => hex(data));

describe('MPEG-4 part 2', () => {
  test('the headers of the SDP stand before each key picture that has none of its own', () => {
    const result = depacketize(
      'mpeg4',
      [
        { p: I_VOP, t: 0, m: true },
        { p: P_VOP, t: 6000, m: true },
        { p: `${CONFIG} ${I_VOP}`, t: 12_000, m: true },
      ],
      CONFIG,
    );
    assert.deepEqual(datas(result), [`${CONFIG} ${I_VOP}`, P_VOP, `${CONFIG} ${I_VOP}`]);
    const { video } = result.units[0]!;
    assert.deepEqual([video.width, video.height, video.codecString], [320, 180, 'mp4v.20.1']);
    assert.equal(result.units[2]?.video, video, 'the same headers are no news');
  });

  test('without headers nothing can be decoded', () => {
    const { units, depacketizer } = depacketize('mpeg4', [{ p: I_VOP, m: true }]);
    assert.deepEqual([units.length, depacketizer.droppedUnits], [0, 0]);
    for (const config of ['', '000', 'nothing', undefined]) assert.equal(mpeg4Config(config), undefined);
  });

  test('several pictures of one packet have times of their own (GStreamer’s rtpmp4vpay)', () => {
    const together = { p: `${P_VOP} 00 00 01 b6 52 60 cc 00 00 01 b6 68 00 dd`, t: 6000, m: true };
    const result = depacketize('mpeg4', [{ p: `${CONFIG} ${I_VOP}`, t: 0, m: true }, together], undefined);
    assert.deepEqual(datas(result).slice(1), [P_VOP, '00 00 01 b6 52 60 cc', '00 00 01 b6 68 00 dd']);
    assert.deepEqual(
      result.units.map(({ mediaTime, key }) => [Math.round(mediaTime), key]),
      [
        [0, true],
        [67, false],
        [133, false],
        // A second on, less two ticks.
        [1000, false],
      ],
    );
  });

  test('a size that cannot be', () => {
    assert.equal(mpeg4Layer(bytes('00 c4')), undefined);
    assert.equal(mpeg4Layer(Buffer.alloc(40)), undefined);
  });
});

describe('VP8', () => {
  const KEY = '50 42 00 9d 01 2a 40 01 b4 00';
  for (const [what, descriptor] of [
    ['the shortest', '10'],
    ['a picture number of seven bits', '90 80 23'],
    ['a picture number of fifteen bits', '90 80 81 23'],
    ['all that there is', '90 f0 81 23 05 62'],
  ] as const)
    test(`RFC 7741 §4.2: ${what}`, () => {
      const result = depacketize('vp8', [{ p: `${descriptor} ${KEY}`, m: true }]);
      assert.deepEqual(datas(result), [KEY]);
      assert.deepEqual([result.units[0]!.video.width, result.units[0]!.video.height], [320, 180]);
    });

  test('a picture of several packets; one that begins in the middle of a partition after loss', () => {
    const whole = [{ p: `10 ${KEY}` }, { p: '00 aa bb' }, { p: '00 cc', m: true }];
    assert.deepEqual(datas(depacketize('vp8', whole)), [`${KEY} aa bb cc`]);
    const broken = [
      ...whole,
      { p: '00 01', t: 6000, m: true, lost: 1 },
      { p: '10 11', t: 12_000, m: true },
      { p: `10 ${KEY}`, t: 18_000, m: true },
    ];
    const { units, depacketizer } = depacketize('vp8', broken);
    assert.deepEqual([units.length, depacketizer.droppedUnits], [2, 2]);
  });
});

describe('VP9', () => {
  const KEY = '82 49 83 42 00 13 f0 0b 30';
  for (const [what, descriptor] of [
    ['the shortest', '0c'],
    ['a picture number', '8c 81 23'],
    ['layers, the smallest', 'ac 81 23 00 05'],
    ['layers in flexible mode, with differences', 'fc 81 23 00 03 04'],
    ['a scalability structure with sizes and groups', '8e 81 23 18 01 40 00 b4 02 04 01 08 01 02'],
  ] as const)
    test(`RFC 9628 §4.2: ${what}`, () => {
      const result = depacketize('vp9', [{ p: `${descriptor} ${KEY}`, m: true }]);
      assert.deepEqual(datas(result), [KEY]);
      const { video } = result.units[0]!;
      assert.deepEqual([video.width, video.height, video.codecString], [320, 180, 'vp09.00.11.08']);
    });

  test('of several spatial layers the smallest is taken', () => {
    const result = depacketize('vp9', [
      { p: `ac 81 23 00 05 ${KEY}` },
      { p: 'ac 81 23 02 05 ff ff', m: true },
    ]);
    assert.deepEqual(datas(result), [KEY]);
  });

  test('a picture that repeats another is none to begin with', () => {
    assert.equal(depacketize('vp9', [{ p: '0c 88', m: true }]).units.length, 0);
  });
});

describe('AV1', () => {
  /** libaom’s sequence header of 320×180, and the beginning of a key frame. */
  const SEQUENCE = '08 00 00 00 04 3c fe cc da f9 00 40';
  const stored = `0a 0b ${SEQUENCE.slice(3)}`;
  const length = '0c';

  test('OBUs get their sizes; temporal delimiters and padding go', () => {
    const packet = `08 ${length} ${SEQUENCE} 02 10 00 03 78 00 00 04 30 10 aa bb`;
    const result = depacketize('av1', [{ p: packet, m: true }]);
    assert.deepEqual(datas(result), [`${stored} 32 03 10 aa bb`]);
    assert.equal(result.units[0]?.key, true);
  });

  test('the last element needs no length where they are counted, and sizes that are there stay', () => {
    const result = depacketize('av1', [{ p: `28 ${length} ${SEQUENCE} 32 02 10 aa`, m: true }]);
    assert.deepEqual(datas(result), [`${stored} 32 02 10 aa`]);
  });

  test('an OBU of three packets; a length that is none', () => {
    const packets = [
      { p: `68 ${length} ${SEQUENCE} 30 10` },
      { p: 'd0 aa bb' },
      { p: '90 cc', m: true },
      { p: '00 7f 30', t: 6000, m: true },
    ];
    const result = depacketize('av1', packets);
    assert.deepEqual(datas(result), [`${stored} 32 04 10 aa bb cc`]);
    assert.equal(result.depacketizer.malformed, 1);
  });

  test('a key picture needs a sequence header; a file may have it elsewhere', () => {
    const frame = bytes('32 03 10 aa bb');
    assert.equal(pictureCoding('av1')!.key(frame), undefined);
    const key = pictureCoding('av1', bytes(stored))!.key(frame);
    assert.equal(key && hex(key.data), `${stored} 32 03 10 aa bb`);
    assert.equal(pictureCoding('av1', bytes(stored))!.key(bytes('32 03 30 aa bb')), undefined);
  });

  test('a sequence header with times, a decoder model and two operating points is read to its end', () => {
    const bits = [
      ...['000', '0', '0', '1'],
      // timing_info: one of 25, equal; decoder_model_info with ten bits of delay.
      ...[
        '0'.repeat(31),
        '1',
        '0'.repeat(27),
        '11001',
        '1',
        '1',
        '1',
        '01001',
        '0'.repeat(32),
        '00000',
        '00000',
      ],
      // Two points: level 8 in the high tier with its delays, level 4.
      ...['0', '00001', '0'.repeat(12), '01000', '1', '1', '0'.repeat(20), '0', '0'.repeat(12), '00100', '0'],
      // 1920×1080 in eleven bits each.
      ...[
        '1010',
        '1010',
        '11101111111',
        '10000110111',
        '0',
        '000',
        '0000',
        '1',
        '00',
        '1',
        '1',
        '000',
        '000',
      ],
      // Ten bits, no monochrome, no description, range, position, separate_uv_delta_q, film grain, trailing bits.
      ...['1', '0', '0', '0', '01', '0', '0', '10000000'],
    ].join('');
    const octets = bits.match(/.{1,8}/g)!.map((octet) => Number.parseInt(octet.padEnd(8, '0'), 2));
    assert.deepEqual(av1Sequence(Buffer.from(octets)), {
      ...{ width: 1920, height: 1080, fps: 25, codecString: 'av01.0.08H.10.0.111', stillPicture: false },
    });
    assert.equal(av1Sequence(Buffer.from(octets.slice(0, 20))), undefined);
  });
});
