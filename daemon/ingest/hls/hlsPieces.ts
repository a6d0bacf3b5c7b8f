import { setTimeout as sleep } from 'node:timers/promises';
import { IngestError } from '../ingestError.ts';
import { type Piece, type Range, readPlaylist } from './playlist.ts';

export interface HlsOptions {
  /** Of the playlist. */
  readonly url: string;
  /** For errors; without credentials. */
  readonly place: string;
  /** @throws IngestError, or the signal's reason */
  readonly fetch: (url: string, range: Range) => Promise<{ data: Buffer; url: string }>;
  readonly signal: AbortSignal;
}

/** Of a running stream so many pieces from its end are begun with: fewer run dry, more are further behind (RFC 8216 §6.3.3 says three). */
const FROM_END = 3;
/** Master playlists that lead to master playlists. */
const MOST_STEPS = 3;

/**
 * The pieces of an HLS stream one after the other, as they come into being: a stream of bytes that ffmpeg reads as one file. Ends where
 * the playlist does. @throws IngestError, or the signal's reason
 */
export async function* hlsPieces(options: HlsOptions): AsyncGenerator<Buffer, void, undefined> {
  const { place, fetch, signal } = options;
  let { url } = options;
  let next: number | undefined;
  let head: string | undefined;
  for (let steps = 0; ; ) {
    const asked = performance.now();
    const answer = await fetch(url, undefined);
    const playlist = readPlaylist(answer.data.toString('utf8'), answer.url);
    if (playlist.kind === 'unusable') throw new IngestError('unsupported', playlist.message, { place });
    if (playlist.kind === 'master') {
      if (++steps > MOST_STEPS)
        throw new IngestError('redirect_loop', 'its HLS playlists lead in a circle', { place });
      url = playlist.url;
      continue;
    }
    const { pieces, interval, ended } = playlist;
    const due = following(pieces, next, ended);
    for (const piece of due) {
      // Several heads may be parts of one file.
      const its = piece.head && JSON.stringify(piece.head);
      if (piece.head && its !== head) {
        yield (await fetch(piece.head.url, piece.head.range)).data;
        head = its;
      }
      yield (await fetch(piece.url, piece.range)).data;
      next = piece.number + 1;
    }
    if (ended) return;
    // §6.3.4: after the target duration, or half of it where nothing had been added.
    const wait = interval * (due.length > 0 ? 1000 : 500) - (performance.now() - asked);
    await sleep(Math.max(wait, 250), undefined, { signal });
  }
}

/** What has not been fetched yet. A stream that was begun anew counts from 0 again: then from its end, as at first. */
function following(pieces: readonly Piece[], next: number | undefined, ended: boolean): readonly Piece[] {
  const last = pieces.at(-1);
  if (!last) return [];
  if (next === undefined || next > last.number + 1) return ended ? pieces : pieces.slice(-FROM_END);
  return pieces.filter(({ number }) => number >= next);
}
