/** Decoder configurations against those that ffmpeg's muxer writes for the same pictures. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { VideoCodec, VideoParameters } from '../../daemon/frame.ts';
import { decoderConfiguration } from '../../daemon/mp4/decoderConfig.ts';
import { ffmpeg } from '../ingest/ffmpegRtp.ts';
import { PPS, SPS } from '../ingest/rtpPackets.ts';
import { boxTree, only } from './boxTree.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-mp4-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const video = (codec: VideoCodec, parameterSets: Buffer[]): VideoParameters => ({
  codec,
  width: 640,
  height: 480,
  fps: undefined,
  codecString: '',
  parameterSets,
});
const configuration = (codec: VideoCodec, ...sets: Buffer[]) => decoderConfiguration(video(codec, sets));

/** What ffmpeg writes into the file, `avcC` or `hvcC`. */
async function byFfmpeg(name: string, box: string, pixels: string, ...coder: string[]): Promise<Buffer> {
  const file = join(folder, name);
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15', '-frames:v', '2', '-pix_fmt', pixels];
  await ffmpeg(...source, ...coder, file);
  const boxes = boxTree(await readFile(file));
  return only(boxes, box).body;
}

function avcSets(record: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = record[at++]! & mask;
    for (let i = 0; i < count; i++) {
      const length = record.readUInt16BE(at);
      sets.push(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return sets;
}

function hevcArrays(record: Buffer): { header: number; nals: Buffer[] }[] {
  let at = 23;
  return Array.from({ length: record[22]! }, () => {
    const header = record[at]!;
    const nals: Buffer[] = [];
    const count = record.readUInt16BE(at + 1);
    at += 3;
    for (let i = 0; i < count; i++) {
      const length = record.readUInt16BE(at);
      nals.push(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return { header, nals };
  });
}

describe('H.264', () => {
  for (const [profile, pixels] of [
    ['baseline', 'yuv420p'],
    ['main', 'yuv420p'],
    ['high', 'yuv420p'],
    ['high10', 'yuv420p10le'],
    ['high422', 'yuv422p'],
    ['high444', 'yuv444p'],
    ['high', 'gray'],
  ] as const) {
    test(`${profile} of ${pixels}: the same record as ffmpeg’s, byte for byte`, async () => {
      const coder = ['-c:v', 'libx264', '-profile:v', profile];
      const record = await byFfmpeg(`${profile}-${pixels}.mp4`, 'avcC', pixels, ...coder);
      assert.equal(configuration('h264', ...avcSets(record))?.toString('hex'), record.toString('hex'));
    });
  }

  test('a Reolink’s sets', () => {
    const sets = `e1${length(SPS)}${SPS.toString('hex')}01${length(PPS)}${PPS.toString('hex')}`;
    assert.equal(configuration('h264', SPS, PPS)?.toString('hex'), `01640033ff${sets}fdf8f800`);
  });

  test('an SPS extension stands behind the bit depths', () => {
    const extension = Buffer.from('6d112280', 'hex');
    const record = configuration('h264', SPS, PPS, extension);
    assert.ok(record?.toString('hex').endsWith('fdf8f80100046d112280'));
  });

  test('an SPS that is cut off behind its level is taken for 4:2:0 with 8 bits', () => {
    const record = configuration('h264', SPS.subarray(0, 4), PPS);
    assert.ok(record?.toString('hex').endsWith('fdf8f800'));
  });
});

describe('H.265', () => {
  for (const [profile, pixels] of [
    ['main', 'yuv420p'],
    ['main10', 'yuv420p10le'],
    ['main422-10', 'yuv422p10le'],
    ['main444-8', 'yuv444p'],
  ] as const) {
    test(`${profile}: the same record as ffmpeg’s, but for what ffmpeg does not say of sets and cutting`, async () => {
      const coder = [
        '-c:v',
        'libx265',
        '-profile:v',
        profile,
        '-x265-params',
        'log-level=none',
        '-tag:v',
        'hvc1',
      ];
      const record = await byFfmpeg(`${profile}.mp4`, 'hvcC', pixels, ...coder);
      const arrays = hevcArrays(record).filter(({ header }) => (header & 0x3f) <= 34);
      const ours = configuration('hevc', ...arrays.flatMap(({ nals }) => nals));
      assert.ok(ours);
      // The 23 bytes up to the arrays, without spatial segmentation (13, 14) and parallelism (15), which may be unknown.
      const known = (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, 13), bytes.subarray(16, 22)]).toString('hex');
      assert.equal(known(ours), known(record));
      assert.equal(ours.toString('hex', 13, 16), 'f000fc');
      const complete = arrays.map(({ header, nals }) => ({ header: header | 0x80, nals }));
      assert.deepEqual(hevcArrays(ours), complete);
    });
  }
});

describe('there is no configuration', () => {
  test('without a sequence parameter set', () => {
    assert.equal(configuration('h264', PPS), undefined);
    assert.equal(
      configuration('hevc', Buffer.from('40010c', 'hex'), Buffer.from('4401c1', 'hex')),
      undefined,
    );
    assert.equal(configuration('h264'), undefined);
  });

  test('of an H.265 set that ends within its profile', () => {
    assert.equal(configuration('hevc', Buffer.from('4201010160', 'hex')), undefined);
  });

  test('of M-JPEG', () => assert.equal(configuration('mjpeg', SPS, PPS), undefined));
});

test('arbitrary sets make a record or none, and never an error', () => {
  const set = fc
    .tuple(fc.constantFrom(0x67, 0x68, 0x6d, 0x40, 0x42, 0x44), fc.uint8Array({ maxLength: 60 }))
    .map(([header, bytes]) => Buffer.concat([Buffer.of(header), Buffer.from(bytes)]));
  fc.assert(
    fc.property(
      fc.array(set, { maxLength: 40 }),
      fc.constantFrom<VideoCodec>('h264', 'hevc'),
      (sets, codec) => {
        const record = configuration(codec, ...sets);
        if (record === undefined) return;
        assert.equal(record[0], 1);
        if (codec === 'h264') assert.ok(avcSets(record).every(({ length }) => length > 2));
        else assert.ok(hevcArrays(record).every(({ nals }) => nals.length > 0));
      },
    ),
  );
});

function length(set: Buffer): string {
  return set.length.toString(16).padStart(4, '0');
}
