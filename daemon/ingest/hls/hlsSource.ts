import type { IngestCounters } from '../counters.ts';
import type { HttpAnswer } from '../http/httpClient.ts';
import type { HttpFetch } from '../http/httpFetch.ts';
import { RemuxedSource } from '../remux/remuxedSource.ts';
import type { Remuxer } from '../remux/remuxer.ts';
import type { SourceSink } from '../sourceSession.ts';
import { hlsPieces } from './hlsPieces.ts';

export interface HlsSourceOptions {
  /** The playlist, of which nothing more is read. */
  readonly answer: HttpAnswer;
  /** Fetches with the login and by the certificate that the playlist had. */
  readonly fetcher: HttpFetch;
  readonly remuxer: Promise<Remuxer>;
  readonly counters: IngestCounters;
}

/** Milliseconds: pieces of HLS have ten seconds each, and may be late. */
const PATIENCE = 30_000;

/** Video in pieces, which are fetched here and put together by ffmpeg. */
export function hlsSource(options: HlsSourceOptions, sink: SourceSink): RemuxedSource {
  const { answer, fetcher, remuxer, counters } = options;
  const { place, url } = answer;
  answer.end();
  return new RemuxedSource(
    {
      ...{ place, input: { kind: 'pieces' }, transport: 'http', remuxer, counters },
      bytes: async (signal) =>
        hlsPieces({ url, place, signal, fetch: (piece, range) => fetcher.get(piece, range, signal) }),
      loginWorked: () => fetcher.loginUsed,
      ...{ startTimeout: PATIENCE, stallTimeout: PATIENCE },
    },
    sink,
  );
}
