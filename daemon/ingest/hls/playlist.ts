/** What an HLS playlist (RFC 8216) says of what to fetch next. Pure and total. */
import { parse, setOptions } from 'hls-parser';

// What it does not like it would write to the log by itself, whatever strangers send.
setOptions({ silent: true });

/** A part of a file, in bytes; undefined: the whole file. */
export type Range = { readonly offset: number; readonly length: number } | undefined;

export interface Piece {
  readonly url: string;
  readonly range: Range;
  /** `EXT-X-MAP`: what must stand before it; undefined: nothing. */
  readonly head: { readonly url: string; readonly range: Range } | undefined;
  /** Its media sequence number. */
  readonly number: number;
  /** Seconds. */
  readonly duration: number;
}

export type HlsPlaylist =
  /** Leads to another one: that of the highest bandwidth. */
  | { readonly kind: 'master'; readonly url: string }
  /** @property interval seconds until there will be another piece @property ended nothing will follow */
  | {
      readonly kind: 'media';
      readonly pieces: readonly Piece[];
      readonly interval: number;
      readonly ended: boolean;
    }
  | { readonly kind: 'unusable'; readonly message: string };

const MOST_INTERVAL = 60;

/** @param base where the playlist came from: its addresses are relative to that */
export function readPlaylist(text: string, base: string): HlsPlaylist {
  try {
    const playlist = parse(text);
    if ('variants' in playlist) {
      const [best] = playlist.variants
        .filter(({ isIFrameOnly }) => !isIFrameOnly)
        .sort((a, b) => b.bandwidth - a.bandwidth);
      return best ? { kind: 'master', url: new URL(best.uri, base).href } : unusable('it names no streams');
    }
    const { segments, targetDuration, endlist } = playlist;
    if (segments.some(({ key }) => key && key.method !== 'NONE')) return unusable('it is encrypted');
    // Low latency: the last one may be in the making, and have no address yet.
    const whole = segments.filter(({ uri }) => uri !== undefined && uri !== '');
    const pieces = whole.map(({ uri, byterange, map, mediaSequenceNumber, duration }) => ({
      ...at(uri, byterange, base),
      head: map ? at(map.uri, map.byterange, base) : undefined,
      number: mediaSequenceNumber,
      duration,
    }));
    const interval = Math.min(
      Math.max(Number.isFinite(targetDuration) ? targetDuration : 1, 1),
      MOST_INTERVAL,
    );
    return { kind: 'media', pieces, interval, ended: endlist };
  } catch {
    // The library throws whatever it stumbles over; so does URL.
    return unusable('it makes no sense');
  }
}

const unusable = (why: string): HlsPlaylist => ({
  kind: 'unusable',
  message: `its HLS playlist cannot be used: ${why}`,
});

/** @throws TypeError */
function at(uri: string, range: Range, base: string): { url: string; range: Range } {
  return { url: new URL(uri, base).href, range: range && { offset: range.offset, length: range.length } };
}
