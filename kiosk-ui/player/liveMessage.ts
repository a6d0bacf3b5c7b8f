/** The binary messages of the live socket (daemon/api/live/PROTOCOL.md), read strictly. Pure. */

/** Bytes before the payload. */
export const LIVE_HEADER = 16;
const KEY = 1;
const PAST = 2;
/** Width, height and the length of the codec string. */
const INIT_HEAD = 5;
const MOST_CODEC = 64;

interface Head {
  readonly tile: number;
  readonly feed: number;
  /** When the box had the picture, Unix milliseconds of its clock. */
  readonly time: number;
  /** Decoding can begin here. */
  readonly key: boolean;
  /** To be decoded, not to be shown. */
  readonly past: boolean;
}

export interface PicturePart extends Head {
  readonly kind: 'jpeg' | 'mp4' | 'annexb';
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a decoder has to know before the pictures that follow. */
export interface InitPart extends Head {
  readonly kind: 'init';
  readonly width: number;
  readonly height: number;
  /** RFC 6381. */
  readonly codec: string;
  /** MP4 only, empty otherwise. */
  readonly segment: Uint8Array<ArrayBuffer>;
}

/** Sound, or what a decoder has to know before it. */
export interface SoundPart {
  readonly kind: 'soundInit' | 'sound';
  readonly tile: number;
  readonly feed: number;
  /** When the first of its samples was heard, Unix milliseconds of the box's clock. */
  readonly time: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export type LivePart = PicturePart | InitPart;

const KINDS = [undefined, 'jpeg', 'init', 'mp4', 'annexb', 'soundInit', 'sound'] as const;

/** One message; undefined for what is none. The payload is not copied. */
export function readLivePart(message: ArrayBuffer): LivePart | SoundPart | undefined {
  if (message.byteLength <= LIVE_HEADER) return undefined;
  const view = new DataView(message);
  const kind = KINDS[view.getUint8(0)];
  const flags = view.getUint8(1);
  const time = view.getFloat64(8);
  if (kind === undefined || flags > (KEY | PAST) || !Number.isFinite(time) || time < 0) return undefined;
  const head: Head = {
    tile: view.getUint16(2),
    feed: view.getUint32(4),
    time,
    key: (flags & KEY) !== 0,
    past: (flags & PAST) !== 0,
  };
  const data = new Uint8Array(message, LIVE_HEADER);
  if (kind === 'init') return readInit(head, data);
  // What plays sound looks at the rest.
  if (kind === 'soundInit' || kind === 'sound') {
    const { tile, feed } = head;
    return { kind, tile, feed, time, data };
  }
  return begins[kind](data) ? { ...head, kind, data } : undefined;
}

function readInit(head: Head, data: Uint8Array<ArrayBuffer>): InitPart | undefined {
  if (data.length < INIT_HEAD) return undefined;
  const [w1 = 0, w0 = 0, h1 = 0, h0 = 0, length = 0] = data;
  const width = w1 * 256 + w0;
  const height = h1 * 256 + h0;
  const end = INIT_HEAD + length;
  if (width === 0 || height === 0 || length === 0 || length > MOST_CODEC || data.length < end)
    return undefined;
  const codec = String.fromCharCode(...data.subarray(INIT_HEAD, end));
  // It becomes part of a MIME type.
  if (!/^[A-Za-z0-9.]+$/.test(codec)) return undefined;
  return { ...head, kind: 'init', width, height, codec, segment: data.subarray(end) };
}

/** How a payload of each kind begins. */
const begins: Record<PicturePart['kind'], (data: Uint8Array) => boolean> = {
  jpeg: ([a, b]) => a === 0xff && b === 0xd8,
  // The four characters of its type follow a box's size.
  mp4: (data) => String.fromCharCode(...data.subarray(4, 8)) === 'moof',
  annexb: ([a, b, c, d]) => a === 0 && b === 0 && (c === 1 || (c === 0 && d === 1)),
};
