import type { VideoParameters } from '../frame.ts';
import { isSelected, rateRatio } from './ffmpegArgs.ts';
import { outputSize } from './outputSize.ts';

/** Who asks for less quality wants fewer bytes; cameras' JPEGs have about this much. */
const QUALITY = 75;

/** A camera's own JPEGs, which are handed on as they are wherever they are as small as wanted: nothing is decoded then. */
export class PassedJpegs {
  readonly #wanted: { width?: number; height?: number; fps?: number; quality: number };
  #count = 0;

  constructor(wanted: { width?: number; height?: number; fps?: number; quality: number }) {
    this.#wanted = wanted;
  }

  fits({ codec, width, height }: Pick<VideoParameters, 'codec' | 'width' | 'height'>): boolean {
    if (codec !== 'mjpeg' || this.#wanted.quality < QUALITY) return false;
    const size = outputSize({ width, height }, this.#wanted);
    // An odd edge is none that a scaler makes, but as small.
    return width - size.width < 2 && height - size.height < 2;
  }

  /** Whether the next picture is one of as many as are wanted. @param sourceFps measured */
  takes(sourceFps: number | undefined): boolean {
    return isSelected({ burst: 0, perMille: rateRatio(this.#wanted.fps, sourceFps) }, this.#count++);
  }
}
