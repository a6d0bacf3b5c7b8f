/** Access units as MP4 samples: those of Annex B otherwise (ISO/IEC 14496-15 §5.3.2, §8.3.2), all others as they are. Pure. */
import type { VideoCodec } from '../frame.ts';

const START_CODE = Buffer.of(0, 0, 0, 1);

/**
 * What avc1 and hvc1 samples leave out: parameter sets, which stand in the decoder configuration alone (Safari plays no
 * avc3 and hev1, where they may be in band too), delimiters and filler, which say nothing.
 */
const LEFT_OUT = {
  h264: new Set([7, 8, 9, 12, 13]),
  hevc: new Set([32, 33, 34, 35, 38]),
};

/**
 * An access unit whose NAL units stand behind four-byte start codes, as a sample: each behind its length in four bytes.
 * What comes before the first start code belongs to none. One native search per NAL unit, one copy.
 */
export function lengthPrefixed(data: Buffer, codec: VideoCodec): Buffer {
  if (codec !== 'h264' && codec !== 'hevc') return data;
  const hevc = codec === 'hevc';
  const leftOut = LEFT_OUT[codec];
  /** Begin and end of each NAL unit that is kept, one after the other. */
  const kept: number[] = [];
  let size = 0;
  let start = data.indexOf(START_CODE);
  while (start >= 0) {
    const begin = start + START_CODE.length;
    start = data.indexOf(START_CODE, begin);
    const end = start < 0 ? data.length : start;
    if (end === begin) continue;
    const header = data[begin]!;
    if (leftOut.has(hevc ? (header >> 1) & 0x3f : header & 0x1f)) continue;
    kept.push(begin, end);
    size += 4 + end - begin;
  }
  const sample = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < kept.length; i += 2) {
    const [begin, end] = [kept[i]!, kept[i + 1]!];
    at = sample.writeUInt32BE(end - begin, at);
    at += data.copy(sample, at, begin, end);
  }
  return sample;
}
