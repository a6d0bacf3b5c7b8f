import { ChosenSource } from '../chosenSource.ts';
import { IngestError } from '../ingestError.ts';
import type { PipedFormat } from '../remux/remuxArgs.ts';
import { RemuxedSource } from '../remux/remuxedSource.ts';
import type { Remuxer } from '../remux/remuxer.ts';
import type { RtspSessionOptions } from '../rtspSession.ts';
import type { SourceSink } from '../sourceSession.ts';
import { parseSourceUrl } from '../sourceUrl.ts';
import { answerBody, lookAhead } from './answerBody.ts';
import { type HttpAnswer, HttpClient } from './httpClient.ts';
import { httpContent, TELLING } from './httpContent.ts';
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

/** A camera over HTTP: pictures, or video in a container that has no end (FLV, MPEG-TS). Which shows in what it answers. */
export class HttpSource extends ChosenSource {
  readonly #options: HttpSourceOptions;
  readonly #sink: SourceSink;

  constructor(options: HttpSourceOptions, sink: SourceSink) {
    super();
    this.#options = options;
    this.#sink = sink;
  }

  protected async choose(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    const { connectTimeout = 5_000, requestTimeout = 10_000, stallTimeout = 5_000, judge } = this.#options;
    const url = parseSourceUrl(this.#options.url);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const { username, password } = this.#options.username === undefined ? url : this.#options;
    const client = new HttpClient({ url, username, password, connectTimeout, requestTimeout, judge });
    const ask = async (asking: AbortSignal): Promise<Begun> => {
      const answer = await client.get(asking);
      return { answer, ...(await lookAhead(answerBody(answer, stallTimeout, asking), TELLING)) };
    };
    try {
      const first = await ask(signal);
      const content = httpContent(first.head);
      if (content === 'hls')
        throw new IngestError('unsupported', 'HLS is not taken: give the camera’s RTSP or FLV address', {
          place: first.answer.place,
        });
      const { counters } = this;
      const source =
        content === 'pictures'
          ? new HttpPictures({ client, first, stallTimeout, counters }, this.#sink)
          : this.#remuxed(client, content, first, ask);
      return await this.play(source, signal);
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
    const { remuxer, stallTimeout } = this.#options;
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
      this.#sink,
    );
  }
}
