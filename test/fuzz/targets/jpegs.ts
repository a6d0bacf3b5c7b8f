import { jpegSize } from '../../../daemon/jpeg/jpegSize.ts';
import { JpegSplitter } from '../../../daemon/jpeg/jpegSplitter.ts';
import { always, pieces } from '../target.ts';

const jpeg = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
export const seeds = [
  jpeg(
    'ff d8 ff e0 00 04 4a 46 ff c0 00 0b 08 00 10 00 20 01 01 11 00 ff da 00 08 01 01 00 00 3f 00 12 ff 00 34 ff d0 56 ff d9',
  ),
  Buffer.concat([
    Buffer.from('--b\r\nContent-Type: image/jpeg\r\nContent-Length: 12\r\n\r\n'),
    jpeg('ff d8 ff ff fe 00 03 01 ff da 00 02 99 ff d9 00 00 ff ff d8 ff d9'),
  ]),
];

/** M-JPEG over HTTP, and what decoders write: pictures do not depend on how the bytes came. */
export function fuzz(data: Buffer): void {
  const read = (chunks: readonly Buffer[]) => {
    const splitter = new JpegSplitter(4096);
    const pictures = chunks.flatMap((chunk) => splitter.push(chunk));
    for (const picture of pictures) {
      always(
        picture.length <= 4096 + 37 && picture.readUInt16BE(0) === 0xffd8,
        'a picture is one, and bounded',
      );
      jpegSize(picture);
    }
    return pictures.map((picture) => picture.toString('hex')).join();
  };
  if (data.length <= 4096) always(read([data]) === read(pieces(data)), 'cutting changes nothing');
  else read([data]);
}
