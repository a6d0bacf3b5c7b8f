/** What a USB camera offers, as ffmpeg lists it, and what of that is taken. Pure and total. */
import { type Size, V4L2_FORMATS, type V4l2Format, type V4l2Url } from './v4l2Url.ts';

export interface OfferedFormat {
  readonly format: V4l2Format;
  /** Empty: it takes any, or says it in another way. */
  readonly sizes: readonly Size[];
}

export interface V4l2Mode {
  readonly format: V4l2Format;
  /** Undefined: what it is set to. */
  readonly size: Size | undefined;
}

/** `Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720`, behind the name of the device (libavdevice/v4l2.c). */
const LINE = /\bCompressed:\s*(\w+)\s*:[^:]*:(.*)$/;
/**
 * No larger by itself. H.264 takes the place on the bus that it needs; of M-JPEG, which we decode picture by picture, a tile needs no
 * more, and many cameras send more only at half the rate.
 */
const LARGEST: Record<V4l2Format, Size> = {
  h264: { width: 1920, height: 1080 },
  mjpeg: { width: 1280, height: 720 },
};

export function offeredFormats(lines: readonly string[]): OfferedFormat[] {
  return lines.flatMap((line) => {
    const [, name, rest] = LINE.exec(line) ?? [];
    const format = V4L2_FORMATS.find((one) => one === name);
    if (format === undefined || rest === undefined) return [];
    const sizes = [...rest.matchAll(/(?<![\d.-])(\d{1,5})x(\d{1,5})(?![\d-])/g)].map(([, width, height]) => ({
      width: Number(width),
      height: Number(height),
    }));
    return [{ format, sizes }];
  });
}

/** H.264 before M-JPEG; the largest size that a wall makes use of. Undefined: it offers nothing of that. */
export function chooseMode(
  offered: readonly OfferedFormat[],
  wish: Pick<V4l2Url, 'format' | 'size'>,
): V4l2Mode | undefined {
  const wanted = wish.format === undefined ? V4L2_FORMATS : [wish.format];
  const found = wanted
    .map((one) => offered.find(({ format }) => format === one))
    .find((one) => one !== undefined);
  if (!found) return undefined;
  const most = LARGEST[found.format];
  const area = ({ width, height }: Size) => width * height;
  const fitting = found.sizes.filter(({ width, height }) => width <= most.width && height <= most.height);
  const largest = [...fitting].sort((a, b) => area(b) - area(a))[0];
  return { format: found.format, size: wish.size ?? largest };
}
