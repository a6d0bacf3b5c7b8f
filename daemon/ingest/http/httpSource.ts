import { ChosenSource } from '../chosenSource.ts';
import { hlsSource } from '../hls/hlsSource.ts';
import { IngestError } from '../ingestError.ts';
import type { PipedFormat } from '../remux/remuxArgs.ts';
import { RemuxedSource } from '../remux/remuxedSource.ts';
import type { Remuxer } from '../remux/remuxer.ts';
import type { RtspSessionOptions } from '../rtspSession.ts';
import { parseSourceUrl } from '../sourceUrl.ts';
import { answerBody, lookAhead } from './answerBody.ts';
import { type HttpAnswer, HttpClient } from './httpClient.ts';
import { httpContent, TELLING } from './httpContent.ts';
import { HttpFetch } from './httpFetch.ts';
import { HttpPictures } from './httpPictures.ts';

export interface HttpSourceOptions
  extends Pick<
    RtspSessionOptions,
    'url' | 'username' | 'password' | 'connectTimeout' | 'requestTimeout' | 'stallTimeout' | 'judge'
  > {
  readonly remuxer: Promise<Remuxer>;
}

/** An answer of which the beginning was looked at. */
interface Begun {
  readonly answer: HttpAnswer;
  readonly head: Buffer;
  readonly body: AsyncIterable<Buffer>;
}

/** A camera over HTTP: pictures, or video in a container that has no end (FLV, MPEG-TS), or in pieces (HLS). Which shows in what it answers. */
export class HttpSource extends ChosenSource<HttpSourceOptions> {
  protected async choose(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    const { connectTimeout = 5_000, requestTimeout = 10_000, stallTimeout = 5_000, judge } = this.options;
    const url = parseSourceUrl(this.options.url);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const { username, password } = this.options.username === undefined ? url : this.options;
    const asking = { url, username, password, connectTimeout, requestTimeout, judge };
    const client = new HttpClient(asking);
    const ask = async (within: AbortSignal): Promise<Begun> => {
      const answer = await client.get(within);
      return { answer, ...(await lookAhead(answerBody(answer, stallTimeout, within), TELLING)) };
    };
    try {
      const first = await ask(signal);
      const { counters } = this;
      const { remuxer } = this.options;
      const content = httpContent(first.head);
      if (content === 'pictures')
        return await this.play(
          new HttpPictures({ client, first, stallTimeout, counters }, this.sink),
          signal,
        );
      if (content !== 'hls') return await this.play(this.#remuxed(client, content, first, ask), signal);
      const fetcher = new HttpFetch({ ...asking, stallTimeout });
      return await this.play(
        hlsSource({ answer: first.answer, fetcher, remuxer, counters }, this.sink),
        signal,
      );
    } finally {
      client.close();
    }
  }

  #remuxed(
    client: HttpClient,
    format: PipedFormat,
    first: Begun,
    ask: (signal: AbortSignal) => Promise<Begun>,
  ): RemuxedSource {
    const { remuxer, stallTimeout } = this.options;
    let unread: Begun | undefined = first;
    const bytes = async (signal: AbortSignal) => {
      const begun = unread ?? (await ask(signal));
      unread = undefined;
      // There is one connection, and the next ffmpeg needs it.
      signal.addEventListener('abort', () => begun.answer.end(), { once: true });
      return begun.body;
    };
    return new RemuxedSource(
      {
        ...{ place: first.answer.place, input: { kind: 'pipe', format }, transport: 'http', bytes, remuxer },
        ...{ stallTimeout, counters: this.counters, loginWorked: () => client.loginUsed },
      },
      this.sink,
    );
  }
}
