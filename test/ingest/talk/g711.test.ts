/** Our G.711 beside FFmpeg's: every sample that there is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { encodeG711, type G711 } from '../../../daemon/ingest/talk/g711.ts';
import { FFMPEG } from '../ffmpegRtp.ts';

const ALL = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
const FORMAT = { pcmu: 'mulaw', pcma: 'alaw' } as const;

/** What FFmpeg hears in G.711 bytes. */
function decoded(coding: G711, bytes: Buffer): Int16Array {
  const args = [
    '-v',
    'error',
    '-f',
    FORMAT[coding],
    '-ar',
    '8000',
    '-ac',
    '1',
    '-i',
    'pipe:0',
    '-f',
    's16le',
    'pipe:1',
  ];
  const { stdout, status, stderr } = spawnSync(FFMPEG, args, { input: bytes, maxBuffer: 1 << 24 });
  assert.equal(status, 0, String(stderr));
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2);
}

for (const coding of ['pcmu', 'pcma'] as const)
  describe(coding, () => {
    it('gives back each sample as near as eight bits can', () => {
      const levels = decoded(coding, Buffer.from(Array.from({ length: 256 }, (_, n) => n)));
      const heard = decoded(coding, encodeG711(coding, ALL));
      const sorted = [...new Set(levels)].sort((a, b) => a - b);
      let next = 0;
      for (const [n, sample] of ALL.entries()) {
        const got = heard[n]!;
        while (next < sorted.length && sorted[next]! < sample) next++;
        // Between two neighbouring levels it is one of the two.
        const above = sorted[next] ?? sorted.at(-1)!;
        const below = above === sample ? sample : (sorted[next - 1] ?? sorted[0]!);
        assert.ok(got === above || got === below, `${sample} became ${got}, between ${below} and ${above}`);
      }
    });

    it('is silence for silence', () => {
      const [byte] = encodeG711(coding, Int16Array.of(0));
      assert.equal(byte, { pcmu: 0xff, pcma: 0xd5 }[coding]); // ITU-T G.711, tables 1 and 2
    });
  });
