import { pictureCoding } from '../../../daemon/ingest/pictures/pictureCodings.ts';
import { PictureDepacketizer } from '../../../daemon/ingest/pictures/pictureDepacketizer.ts';
import { packetsOf, script } from '../packets.ts';
import { always } from '../target.ts';

const CODECS = ['mpeg4', 'vp8', 'vp9', 'av1'] as const;
/** 320×180, as ffmpeg writes it. */
const VOL = '00 00 01 b0 01 00 00 01 b5 89 13 00 00 01 00 00 00 01 20 00 c4 8d 88 00 7d 0a 04 16 94 43';
const seed = (codec: (typeof CODECS)[number], ...packets: Parameters<typeof script>) =>
  Buffer.concat([Buffer.of(CODECS.indexOf(codec)), script(...packets)]);
export const seeds = [
  seed('mpeg4', [0, `${VOL} 00 00 01 b6 10 60`], [1, 'aa bb'], [17, '00 00 01 b6 50 cc']),
  seed('vp8', [0, '90 80 81 23 50 42 00 9d 01 2a 40 01 b4 00'], [1, '80 80 81 23 aa'], [17, '10 31 cc']),
  seed('vp9', [1, '8c 81 23 82 49 83 42 00 13 f0 0b 30'], [17, 'ea 81 00 01 08 01 44 86 00 aa']),
  seed(
    'av1',
    [0, '58 0c 08 00 00 00 04 3c fe cc da f9 00 40 30 10 aa'],
    [1, '90 bb cc'],
    [17, '00 03 30 30 dd'],
  ),
];

/** MPEG-4 part 2, VP8, VP9, AV1: which one, the first byte tells. */
export function fuzz(data: Buffer): void {
  const codec = CODECS[(data[0] ?? 0) % CODECS.length]!;
  const depacketizer = new PictureDepacketizer({ coding: pictureCoding(codec)!, clockRate: 90_000 });
  const packets = packetsOf(data.subarray(1));
  const units = packets.flatMap((packet) => depacketizer.push(packet));
  units.push(...depacketizer.flush());
  always(units.length === 0 || units[0]!.key, 'the first picture is a key picture');
  // AV1’s pieces of a byte get a size each.
  const came = packets.reduce((sum, { payload }) => sum + payload.length, 0);
  for (const { data: picture, video } of units) {
    always(video.codec === codec && video.width > 0 && video.height > 0, 'a picture has a size');
    always(picture.length <= came * 4, 'pictures do not grow out of nothing');
  }
}
