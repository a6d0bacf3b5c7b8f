/** Sequence parameter sets of x265 beside what ffprobe reads in them, and bytes as published. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { parseH265Sps } from '../../daemon/ingest/h265Sps.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { H265_SPS, h265Type } from '../../daemon/nal/h265.ts';
import { ffmpeg } from './ffmpegRtp.ts';
import { bytes } from './rtpPackets.ts';

interface Case {
  name: string;
  size: string;
  rate: string;
  format?: string;
  x265?: string;
}

const CASES: Case[] = [
  { name: 'a sub stream', size: '640x360', rate: '15' },
  { name: 'a size that is cropped', size: '326x182', rate: '12.5' },
  { name: '1440p at an NTSC rate', size: '2560x1440', rate: '30000/1001' },
  { name: 'ten bits', size: '320x240', rate: '25', format: 'yuv420p10le' },
  { name: '4:4:4', size: '322x242', rate: '25', format: 'yuv444p' },
  { name: 'grey', size: '320x240', rate: '25', format: 'gray' },
  { name: 'scaling lists', size: '320x240', rate: '25', x265: 'scaling-list=default' },
  { name: 'reference picture sets', size: '320x240', rate: '25', x265: 'bframes=4:ref=5:b-pyramid=1' },
  { name: 'temporal layers', size: '320x240', rate: '25', x265: 'temporal-layers=3:bframes=3' },
  {
    name: 'HRD and colours',
    size: '320x240',
    rate: '25',
    x265: 'vbv-maxrate=500:vbv-bufsize=500:hrd=1:colorprim=bt709:sar=4',
  },
  { name: 'an aspect of its own', size: '352x288', rate: '25', x265: 'sar=12\\:11:overscan=show' },
  { name: 'the high tier', size: '1280x720', rate: '25', x265: 'level-idc=50:high-tier=1' },
];

describe('parseH265Sps reads what x265 wrote, as ffprobe does:', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-h265-sps-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const { name, size, rate, format = 'yuv420p', x265 = '' } of CASES) {
    it(name, async () => {
      const file = join(folder, 'clip.hevc');
      const source = ['-f', 'lavfi', '-i', `color=size=${size}:rate=${rate}`, '-frames:v', '8'];
      const coder = ['-pix_fmt', format, '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];
      await ffmpeg(...source, ...coder, `log-level=none:${x265}`, file);
      const nal = annexBNals(await readFile(file)).find((one) => h265Type(one[0]!) === H265_SPS)!;
      const sps = parseH265Sps(nal);
      assert.ok(!('invalid' in sps));
      const fields = 'stream=width,height,level,r_frame_rate';
      const { stdout } = await promisify(execFile)('ffprobe', [
        ...['-v', 'error', '-show_entries', fields, '-of', 'json', file],
      ]);
      const seen = JSON.parse(stdout).streams[0];
      const [over = 0, under = 1] = seen.r_frame_rate.split('/').map(Number);
      assert.deepEqual([sps.width, sps.height], [seen.width, seen.height]);
      assert.ok(Math.abs((sps.fps ?? 0) - over / under) < 0.01, `${sps.fps}, not ${seen.r_frame_rate}`);
      assert.match(
        sps.codecString,
        new RegExp(`^hvc1\\.[1-4]\\.[0-9A-F]+\\.[LH]${seen.level}(\\.[0-9A-F]+)*$`),
      );
    });
  }
});

const STRINGS: [name: string, sps: string, codec: string][] = [
  // ISO/IEC 14496-15 annex E.3 gives this string; the bytes are the profile's: Main, progressive, frames only, level 3.1.
  ['Main', '42 01 01 01 60 00 00 03 00 b0 00 00 03 00 00 03 00 5d a0 02 80 80 2d 16', 'hvc1.1.6.L93.B0'],
];

for (const [name, sps, codec] of STRINGS)
  test(`the codec string of ${name} is ${codec}`, () => {
    const parsed = parseH265Sps(bytes(sps));
    assert.ok(!('invalid' in parsed), JSON.stringify(parsed));
    assert.equal(parsed.codecString, codec);
    assert.deepEqual([parsed.width, parsed.height, parsed.fps], [1280, 720, undefined]);
  });

test('parseH265Sps is total: random bytes, and every beginning of a real set', () => {
  const real = bytes(STRINGS[0]![1]);
  for (let length = 0; length < real.length; length++) {
    const result = parseH265Sps(real.subarray(0, length));
    assert.ok('invalid' in result || result.width > 0);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      const result = parseH265Sps(Buffer.concat([real.subarray(0, 17), tail]));
      assert.ok('invalid' in result || (result.width > 0 && result.width <= 16384 && result.height > 0));
    }),
  );
});
