import { IngestError } from '../ingestError.ts';
import { parseSourceUrl, redactUrl } from '../sourceUrl.ts';
import { answerBody } from './answerBody.ts';
import { HttpClient, type HttpClientOptions } from './httpClient.ts';

export interface Fetched {
  readonly data: Buffer;
  /** Where it came from in the end. */
  readonly url: string;
}

/** Bytes of one answer: a minute of video at 8 Mbit/s. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Fetches what a first address leads to, each over a connection of its own. The login is the first host's alone, and nothing that it
 * leads to over TLS is fetched without. @throws IngestError, or the signal's reason
 */
export class HttpFetch {
  readonly #options: HttpClientOptions & { readonly stallTimeout: number };
  #loginUsed = false;

  constructor(options: HttpClientOptions & { readonly stallTimeout: number }) {
    this.#options = options;
  }

  /** Credentials were asked for, and accepted. */
  get loginUsed(): boolean {
    return this.#loginUsed;
  }

  async get(
    address: string,
    range: { offset: number; length: number } | undefined,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { url: first, stallTimeout, ...options } = this.#options;
    const url = parseSourceUrl(address);
    const place = redactUrl(address);
    if ('invalid' in url || !url.scheme.startsWith('http') || (first.secure && !url.secure))
      throw new IngestError(
        'unsupported',
        `it leads to something that is not ${first.secure ? 'https' : 'http'}://`,
        {
          place,
        },
      );
    const isFirst = url.host === first.host && url.port === first.port;
    const { username, password } = isFirst ? options : url;
    const client = new HttpClient({ ...options, url, username, password });
    try {
      const answer = await client.get(signal, range);
      this.#loginUsed ||= client.loginUsed;
      const parts: Buffer[] = [];
      let length = 0;
      for await (const chunk of answerBody(answer, stallTimeout, signal)) {
        length += chunk.length;
        if (length > MOST_BYTES)
          throw new IngestError('protocol', 'it is larger than any piece of video', { place });
        parts.push(chunk);
      }
      return { data: Buffer.concat(parts, length), url: answer.url };
    } finally {
      client.close();
    }
  }
}
