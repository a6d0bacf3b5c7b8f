import { av1Coding } from './av1Coding.ts';
import { mpeg4Coding } from './mpeg4Coding.ts';
import type { PictureCoding } from './pictureCoding.ts';
import { vp8Coding } from './vp8Coding.ts';
import { vp9Coding } from './vp9Coding.ts';

/** @param codec as FFmpeg names it @param config headers that came outside of the stream @returns undefined: none of these codings */
export function pictureCoding(codec: string, config?: Buffer): PictureCoding | undefined {
  switch (codec) {
    case 'mpeg4':
      return mpeg4Coding(config);
    case 'vp8':
      return vp8Coding;
    case 'vp9':
      return vp9Coding;
    case 'av1':
      return av1Coding(config);
    default:
      return undefined;
  }
}
