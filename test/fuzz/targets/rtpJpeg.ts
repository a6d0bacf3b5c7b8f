import { JpegDepacketizer } from '../../../daemon/ingest/jpegDepacketizer.ts';
import { packetsOf, script } from '../packets.ts';
import { always } from '../target.ts';

const tables = `00 00 00 80 ${'10 '.repeat(128)}`;
export const seeds = [
  script([0, '00 00 00 00 01 3c 28 1e aa bb cc'], [1, '00 00 00 03 01 3c 28 1e dd ff d9']),
  script(
    [1, `00 00 00 00 01 ff 28 1e ${tables} aa`],
    [17, '00 00 00 00 41 80 28 1e 00 10 ff ff 00 00 00 00 11'],
  ),
];

export function fuzz(data: Buffer): void {
  const depacketizer = new JpegDepacketizer({ clockRate: 90_000, dimensions: { width: 2560, height: 1440 } });
  const units = packetsOf(data).flatMap((packet) => depacketizer.push(packet));
  for (const { data, video } of [...units, ...depacketizer.flush()]) {
    always(data[0] === 0xff && data[1] === 0xd8, 'a JPEG begins as one');
    always(video.width > 0 && video.height > 0, 'a picture has a size');
  }
}
