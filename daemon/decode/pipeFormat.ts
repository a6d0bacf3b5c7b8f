/** How coded pictures are put into a decoder’s pipe: so that ffmpeg takes each as soon as it is there, not when the next begins. Pure. */
import type { VideoCodec } from '../frame.ts';
import type { Size } from './outputSize.ts';

/** What ffmpeg calls the format (`-f`). */
export const PIPE_FORMAT: Readonly<Record<VideoCodec, string>> = {
  h264: 'h264',
  hevc: 'hevc',
  mpeg4: 'm4v',
  mjpeg: 'mpjpeg',
  vp8: 'ivf',
  vp9: 'ivf',
  av1: 'ivf',
};

/**
 * ffmpeg’s parsers end a picture when they see the next one begin, which is one picture too late; with something of the next behind it
 * they end it at once: an access unit delimiter, of which the hevc parser looks three bytes past the start code; of MPEG-4 the start code
 * of user data, which may stand before each picture’s headers.
 */
const DELIMITER = {
  h264: Buffer.from('0000000109f0', 'hex'),
  hevc: Buffer.from('00000001460150', 'hex'),
  mpeg4: Buffer.from('000001b2', 'hex'),
};

/** IVF’s names of codings. */
const IVF_NAME = { vp8: 'VP80', vp9: 'VP90', av1: 'AV01' };
const IVF_HEADER = 32;
const IVF_FRAME_HEADER = 12;
/** Ticks a second, of which nobody takes notice: a picture is shown when it comes. */
const IVF_RATE = 1000;

/** What stands before the first picture; empty: nothing. */
export function pipeHead(codec: VideoCodec, { width, height }: Size): Buffer {
  if (codec !== 'vp8' && codec !== 'vp9' && codec !== 'av1') return Buffer.alloc(0);
  const head = Buffer.alloc(IVF_HEADER);
  head.write('DKIF', 0, 'latin1');
  head.writeUInt16LE(IVF_HEADER, 6);
  head.write(IVF_NAME[codec], 8, 'latin1');
  head.writeUInt16LE(width & 0xffff, 12);
  head.writeUInt16LE(height & 0xffff, 14);
  head.writeUInt32LE(IVF_RATE, 16);
  head.writeUInt32LE(1, 20);
  return head;
}

/** In one piece: a delimiter on its own would be a second wake-up of the child for each picture. @param count of the pictures before it */
export function framed(data: Buffer, codec: VideoCodec, count: number): Buffer {
  switch (codec) {
    case 'h264':
    case 'hevc':
    case 'mpeg4':
      return Buffer.concat([data, DELIMITER[codec]]);
    case 'mjpeg': {
      // ffmpeg’s parser of plain JPEGs ends one when it sees the next one begin; one whose length it knows it takes at once.
      const head = `--p\r\nContent-Type: image/jpeg\r\nContent-Length: ${data.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), data, Buffer.from('\r\n')]);
    }
    default: {
      const head = Buffer.alloc(IVF_FRAME_HEADER);
      head.writeUInt32LE(data.length, 0);
      head.writeUIntLE(count, 4, 6);
      return Buffer.concat([head, data]);
    }
  }
}
