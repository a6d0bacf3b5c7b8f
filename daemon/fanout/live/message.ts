/** The binary messages of the live sockets (daemon/api/live/PROTOCOL.md). Pure. */
import type { LiveFormat } from '../../schema.ts';

/** What a message carries. */
export const LIVE_KIND = {
  /** One JPEG. */
  jpeg: 1,
  /** What a decoder has to know first: size, codec string, for MP4 the initialisation segment. */
  init: 2,
  /** One fragment of an MP4 (moof and mdat), one picture. */
  mp4: 3,
  /** One access unit as an Annex B byte stream. */
  annexb: 4,
  /** As `init`, of sound. */
  soundInit: 5,
  /** One fragment of an MP4, some tenths of a second of sound. */
  sound: 6,
} as const;
export type LiveKind = keyof typeof LIVE_KIND;

/** Flags of a header. */
export const LIVE_KEY = 1;
/** A picture of the past, sent in a burst so that decoding can begin: to be decoded, not to be shown. */
export const LIVE_PAST = 2;

/** Bytes before the payload. */
export const LIVE_HEADER = 16;

export interface LiveHeader {
  kind: LiveKind;
  tile: number;
  /** Counts the ways in which a tile's pictures came: what is still under way of an earlier one is told by it. */
  feed: number;
  /** When the box had the picture, Unix milliseconds. */
  time: number;
  key: boolean;
  past: boolean;
}

/** What stands before the payload: kind, flags, tile (16 bit), feed (32 bit), time (64 bit float), all big-endian. */
export function liveHeader({ kind, tile, feed, time, key, past }: LiveHeader): Buffer {
  const header = Buffer.allocUnsafe(LIVE_HEADER);
  header[0] = LIVE_KIND[kind];
  header[1] = (key ? LIVE_KEY : 0) | (past ? LIVE_PAST : 0);
  header.writeUInt16BE(tile, 2);
  header.writeUInt32BE(feed, 4);
  header.writeDoubleBE(time, 8);
  return header;
}

export interface LiveInit {
  width: number;
  height: number;
  /** RFC 6381. */
  codec: string;
  /** MP4 only. */
  segment: Buffer | undefined;
}

/** Payload of an `init`: width and height (16 bit each), length of the codec string (8 bit), the string, the segment. */
export function initPayload({ width, height, codec, segment }: LiveInit): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16BE(width, 0);
  head.writeUInt16BE(height, 2);
  head[4] = codec.length;
  return Buffer.concat([head, Buffer.from(codec, 'latin1'), ...(segment ? [segment] : [])]);
}

/** Payload of a `soundInit`: length of the codec string (8 bit), the string, the initialisation segment. */
export function soundInitPayload(codec: string, segment: Buffer): Buffer {
  return Buffer.concat([Buffer.of(codec.length), Buffer.from(codec, 'latin1'), segment]);
}

/** The kind of the pictures of a format. */
export const KIND_OF: Record<LiveFormat, LiveKind> = { jpeg: 'jpeg', mp4: 'mp4', annexb: 'annexb' };
