import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseH264Sps } from '../../daemon/ingest/h264Sps.ts';
import { BitReader } from '../../daemon/nal/bitReader.ts';
import { bytes } from './rtpPackets.ts';

const CASES: {
  name: string;
  sps: string;
  codec: string;
  size: [number, number];
  fps?: number;
  interlaced?: true;
  reorder?: number;
}[] = [
  {
    name: 'Reolink (retina#102), a byte too many at the end',
    sps: '67 64 00 33 ac 15 14 a0 a0 3d a1 00 00 04 f6 00 00 63 38 04 04',
    codec: 'avc1.640033',
    size: [640, 480],
    fps: 10,
  },
  {
    name: 'Reolink RLC-822A, no VUI timing',
    sps: '67 64 00 33 ac 15 14 a0 a0 2f f9 50',
    codec: 'avc1.640033',
    size: [640, 360],
  },
  {
    name: 'VStarcam, sent in band',
    sps: '67 4d 00 28 e9 00 f0 04 4f cb 08 00 00 1f 48 00 07 54 e0 20',
    codec: 'avc1.4D0028',
    size: [1920, 1080],
    fps: 30,
  },
  {
    name: 'Ivel LV-IP22IR40DVBL',
    sps: '67 4d 00 2a 95 a8 1e 00 89 f9 61 00 00 03 00 01 00 00 03 00 32 84',
    codec: 'avc1.4D002A',
    size: [1920, 1080],
    fps: 25,
  },
  {
    name: 'Amatek AR-N3222F',
    sps: '67 4d 00 33 8a 8a 50 28 02 dd 34 40 00 00 fa 00 00 30 d4 01',
    codec: 'avc1.4D0033',
    size: [1280, 720],
    fps: 25,
  },
  {
    name: 'GW Security, no VUI timing',
    sps: '67 4d 00 1e 95 a8 2d 0f 69 b8 08 08 08 10',
    codec: 'avc1.4D001E',
    size: [720, 480],
  },
  {
    name: 'Hikvision, cropped by nothing',
    sps: '67 64 00 20 ac 17 2a 01 40 1e 68 40 00 01 c2 00 00 57 e4 21',
    codec: 'avc1.640020',
    size: [1280, 960],
    fps: 25,
  },
  {
    name: 'Hikvision, NAL and VCL HRD before nothing we read',
    sps: '67 4d 00 29 9a 64 03 c0 11 3f 2e 02 dc 04 04 05 00 00 03 03 e8 00 00 c3 50 e8 60 00 ba b4 00 02 ea c4 bb cb 8d 0c 00 17 56 80 00 5d 58 97 79 70 a0',
    codec: 'avc1.4D0029',
    size: [1920, 1080],
    fps: 25,
  },
  {
    name: 'scaling matrix, 2560×1440',
    sps: '67 64 00 32 ad 84 01 0c 20 08 61 00 43 08 02 18 40 10 c2 00 84 3b 50 14 00 5a d3 70 10 10 14 00 00 03 00 04 00 00 03 00 a2 10',
    codec: 'avc1.640032',
    size: [2560, 1440],
    fps: 20,
  },
  {
    name: 'interlaced (frame_mbs_only_flag 0), HRD, bitstream restriction',
    sps: '67 4d 40 28 ab 60 3c 02 23 ef 01 10 00 00 03 00 10 00 00 03 03 2e 94 00 35 64 06 b2 85 08 0e e2 c5 22 c0',
    codec: 'avc1.4D4028',
    size: [1920, 1080],
    fps: 25,
    interlaced: true,
    reorder: 1,
  },
  {
    name: 'baseline without reordering, emulation prevention in VUI',
    sps: '67 42 c0 28 d9 00 78 02 27 e5 84 00 00 03 00 04 00 00 03 00 f0 3c 60 c9 20',
    codec: 'avc1.42C028',
    size: [1920, 1080],
    fps: 30,
    reorder: 0,
  },
  {
    name: 'x264 720p with B pictures',
    sps: '67 64 00 1f ac d9 40 50 05 bb 01 6c 80 00 00 03 00 80 00 00 1e 07 8c 18 cb',
    codec: 'avc1.64001F',
    size: [1280, 720],
    fps: 30,
    reorder: 2,
  },
];

for (const { name, sps, codec, size, fps, interlaced, reorder } of CASES) {
  test(`parseH264Sps: ${name}`, () => {
    const parsed = parseH264Sps(bytes(sps));
    assert.ok(!('invalid' in parsed), 'invalid' in parsed ? parsed.invalid : '');
    assert.equal(parsed.codecString, codec);
    assert.deepEqual([parsed.width, parsed.height], size);
    assert.equal(parsed.fps, fps);
    assert.equal(parsed.frameMbsOnly, !interlaced);
    assert.equal(parsed.maxNumReorderFrames, reorder);
  });
}

for (const { name, sps } of CASES) {
  test(`parseH264Sps of a cut off SPS is invalid or tells the right size: ${name}`, () => {
    const whole = bytes(sps);
    const expected = parseH264Sps(whole);
    assert.ok(!('invalid' in expected));
    let valid = 0;
    for (let length = 0; length < whole.length; length++) {
      const parsed = parseH264Sps(whole.subarray(0, length));
      if ('invalid' in parsed) continue;
      valid++;
      assert.deepEqual([parsed.width, parsed.height], [expected.width, expected.height], `${length} bytes`);
      assert.ok(parsed.fps === undefined || parsed.fps === expected.fps, `${length} bytes`);
    }
    assert.ok(valid < whole.length - 8);
  });
}

const INVALID: [name: string, sps: string, reason: RegExp][] = [
  ['a PPS', '68 ee 3c b0 00', /not a sequence/],
  [
    'VStarcam sprop without a NAL header',
    'e9 00 f0 04 4f cb 08 00 00 1f 48 00 07 54 e0 20',
    /not a sequence/,
  ],
  ['nothing but zeros', '67 00 00 00 00 00 00 00 00 00', /cut off/],
  ['a 16×16 picture cropped by 16', '67 42 00 1e dd f1 3d', /cropped away/],
  ['id 32', '67 42 00 1e 04 20 00 00 00', /id 32/],
];

for (const [name, sps, reason] of INVALID) {
  test(`parseH264Sps refuses ${name}`, () => {
    const parsed = parseH264Sps(bytes(sps));
    assert.match('invalid' in parsed ? parsed.invalid : 'valid', reason);
  });
}

test('parseH264Sps passes over scaling lists of 4×4 and 8×8, written out to the last value', () => {
  const plusOne = '010';
  const minusOne = '011';
  const list = (size: number) => `1${(plusOne + minusOne).repeat(size / 2)}`;
  const lists = `${list(16)}00000${list(64)}0`;
  // Profile 100, level 30; id, chroma 1, depths, bypass, lists; frame_num, order type 2, references, gaps;
  // 40×30 macroblocks, frames only, 8×8 inference, no cropping, no VUI, stop bit.
  const head = '01100100 00000000 00011110 1 010 1 1 0 1';
  const tail = '1 011 010 0 00000101000 000011110 1 1 0 0 1';
  const bits = (head + lists + tail).replaceAll(' ', '');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  const body = padded.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  const parsed = parseH264Sps(Buffer.of(0x67, ...body));
  assert.ok(!('invalid' in parsed));
  assert.deepEqual([parsed.width, parsed.height], [640, 480]);
});

test('parseH264Sps never throws and tells only possible sizes, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.constantFrom(66, 77, 100, 244), fc.uint8Array({ maxLength: 60 }), (profile, random) => {
      const parsed = parseH264Sps(Buffer.concat([Buffer.of(0x67, profile), random]));
      if ('invalid' in parsed) return;
      assert.ok(parsed.width > 0 && parsed.width <= 16384 && parsed.height > 0 && parsed.height <= 16384);
      assert.match(parsed.codecString, /^avc1\.[0-9A-F]{6}$/);
      assert.ok(parsed.fps === undefined || (parsed.fps > 0 && parsed.fps <= 1000));
    }),
    { numRuns: 2000 },
  );
});

const GOLOMB: [code: string, value: number][] = [
  ['80', 0],
  ['40', 1],
  ['60', 2],
  ['20', 3],
  ['38', 6],
  ['00 00 00 01 ff ff ff fe', 2 ** 32 - 2],
];

for (const [code, value] of GOLOMB) {
  test(`BitReader reads the Exp-Golomb code of ${value}`, () => {
    const bits = new BitReader(bytes(code));
    assert.equal(bits.ue(), value);
    assert.equal(bits.overrun, false);
  });
}

test('BitReader reads zeros past the end and says so, also for a code that never ends', () => {
  const bits = new BitReader(bytes('ff'));
  assert.equal(bits.bits(8), 255);
  assert.equal(bits.overrun, false);
  assert.equal(bits.bits(8), 0);
  assert.equal(bits.overrun, true);
  const endless = new BitReader(Buffer.alloc(1000));
  assert.equal(endless.ue(), 0);
  assert.equal(endless.overrun, true);
  const signed = new BitReader(bytes('4c 85 ff'));
  assert.deepEqual([signed.se(), signed.se(), signed.se()], [1, -1, 2]);
});
