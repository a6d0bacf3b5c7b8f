/** The address of a camera at the box’s USB: `v4l2:///dev/video0?format=mjpeg&size=1280x720&fps=15`. Pure. */

export const V4L2_FORMATS = ['h264', 'mjpeg'] as const;
/** What a camera can send coded, as FFmpeg names it. */
export type V4l2Format = (typeof V4L2_FORMATS)[number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface V4l2Url {
  /** Of the device, absolute; those below /dev/v4l stay the same when another camera is plugged in. */
  readonly path: string;
  /** Undefined: the best that it offers. */
  readonly format: V4l2Format | undefined;
  readonly size: Size | undefined;
  /** Pictures a second; undefined: as it likes. */
  readonly fps: number | undefined;
  /** The address once more, in one spelling. */
  readonly requestUrl: string;
}

const PATH = /^\/dev\/(?:video\d{1,3}|v4l\/by-(?:id|path)\/[\w.:+-]{1,200})$/;
const LOOKS = 'the address of a USB camera looks like v4l2:///dev/video0?format=mjpeg&size=1280x720&fps=15';
const LARGEST = 8192;
const FASTEST = 240;

export const isV4l2Url = (text: string) => /^\s*v4l2:/i.test(text);

/** Never throws: `invalid` is a sentence for people. */
export function parseV4l2Url(text: string): V4l2Url | { readonly invalid: string } {
  const match = /^v4l2:\/\/(\/[^?#]*)(?:\?([^#]*))?$/i.exec(text.trim());
  const path = match?.[1];
  if (path === undefined || !PATH.test(path)) return { invalid: LOOKS };
  const wishes = new Map<string, string>();
  for (const wish of match?.[2] === undefined ? [] : match[2].split('&')) {
    const [, name, value] = /^(format|size|fps)=(.*)$/.exec(wish) ?? [];
    if (name === undefined || value === undefined || wishes.has(name))
      return {
        invalid: `behind the path of a USB camera only format=, size= and fps= are known, each once: ${LOOKS}`,
      };
    wishes.set(name, value);
  }
  const [asked, sizeAsked, fpsAsked] = ['format', 'size', 'fps'].map((name) => wishes.get(name));
  const format = V4L2_FORMATS.find((one) => one === asked);
  if (asked !== undefined && format === undefined)
    return { invalid: `the format of a USB camera is one of ${V4L2_FORMATS.join(' and ')}` };
  const size = parseSize(sizeAsked);
  if (sizeAsked !== undefined && size === undefined)
    return { invalid: 'the size of a USB camera is its width and height, as in size=1280x720' };
  const fps = fpsAsked === undefined ? undefined : /^\d{1,3}$/.test(fpsAsked) ? Number(fpsAsked) : 0;
  if (fps !== undefined && (fps < 1 || fps > FASTEST))
    return { invalid: `fps is a whole number of pictures a second, 1 to ${FASTEST}` };
  const spelt = [
    ...(format ? [`format=${format}`] : []),
    ...(size ? [`size=${size.width}x${size.height}`] : []),
    ...(fps === undefined ? [] : [`fps=${fps}`]),
  ].join('&');
  return { path, format, size, fps, requestUrl: `v4l2://${path}${spelt && `?${spelt}`}` };
}

function parseSize(text: string | undefined): Size | undefined {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text ?? '') ?? [];
  const size = { width: Number(width), height: Number(height) };
  return size.width <= LARGEST && size.height <= LARGEST ? size : undefined;
}
