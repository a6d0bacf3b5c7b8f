/** What an answer over HTTP holds, by its first bytes: what cameras write into `Content-Type` is not to be relied on. Pure. */
import type { PipedFormat } from '../remux/remuxArgs.ts';

/** Bytes that are looked at: two of MPEG-TS’s packets begin in them. */
export const TELLING = 189;

/** `hls`: a playlist, which names the pieces. `pictures`: none of the others, so JPEGs are looked for. */
export function httpContent(head: Buffer): PipedFormat | 'hls' | 'pictures' {
  if (head.toString('latin1', 0, 3) === 'FLV') return 'flv';
  if (head[0] === 0x47 && head[188] === 0x47) return 'mpegts';
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1a45_dfa3) return 'matroska';
  if (['ftyp', 'styp', 'moov'].includes(head.toString('latin1', 4, 8))) return 'mov';
  if (/^\ufeff?#EXTM3U/.test(head.toString('utf8', 0, 16))) return 'hls';
  return 'pictures';
}
