/** Asks one camera for one address over HTTP, again and again, with whatever login it wants. */
import { randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { openSocket, type SocketOptions } from '../cameraSocket.ts';
import { Login, type LoginTries } from '../digest.ts';
import { IngestError, statusError } from '../ingestError.ts';
import { parseSourceUrl, redactUrl, type SourceUrl } from '../sourceUrl.ts';

const MAX_REDIRECTS = 3;
const MOVED = [301, 302, 303, 307, 308];

export interface HttpClientOptions extends Pick<SocketOptions, 'connectTimeout' | 'judge'> {
  readonly url: SourceUrl;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds until the head of an answer is there. */
  readonly requestTimeout: number;
}

/** An answer with status 200, or 206 where a part was asked for. */
export interface HttpAnswer {
  /** Where it came from, after redirections; without credentials. */
  readonly url: string;
  /** `Content-Type`, in lower case; empty where there is none. */
  readonly type: string;
  /** What was asked, for errors. */
  readonly place: string;
  readonly body: AsyncIterable<Buffer>;
  /** The body is not read any further. */
  end(error?: Error): void;
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  #url: SourceUrl;
  #agent: Agent;
  #login: Login;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#url = options.url;
    this.#agent = new CameraAgent({ ...options, url: this.#url });
    this.#login = new Login(options);
  }

  /** Credentials were asked for. Until `get` resolves they may have been refused. */
  get loginUsed(): boolean {
    return this.#login.used;
  }

  /** @param range only this part, in bytes. @throws IngestError, or the signal's reason */
  async get(signal: AbortSignal, range?: { offset: number; length: number }): Promise<HttpAnswer> {
    const tries: LoginTries = { freshAnswers: 0 };
    for (let redirects = 0; ; ) {
      const place = `GET ${redactUrl(this.#url.requestUrl)}`;
      const answer = await this.#ask(place, signal, range);
      const { statusCode: status = 0, statusMessage: reason = '', headers } = answer;
      if (status === 200 || (status === 206 && range)) {
        const end = (error?: Error) => void answer.destroy(error);
        const { requestUrl: url } = this.#url;
        return { url, type: (headers['content-type'] ?? '').toLowerCase(), place, body: answer, end };
      }
      answer.destroy();
      const challenges = answer.headersDistinct['www-authenticate'] ?? [];
      if (status === 401 && this.#login.challenged(challenges, tries) === 'retry') continue;
      if (!MOVED.includes(status) || headers.location === undefined)
        throw statusError({ status, reason }, place, this.#options.username !== undefined);
      if (++redirects > MAX_REDIRECTS)
        throw new IngestError('redirect_loop', `more than ${MAX_REDIRECTS} redirections`, { place });
      this.#follow(headers.location, place);
    }
  }

  /** All connections, also those that wait for the next request. */
  close(): void {
    this.#agent.destroy();
  }

  #ask(
    place: string,
    signal: AbortSignal,
    range: { offset: number; length: number } | undefined,
  ): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const { requestUrl } = this.#url;
    const [, host = '', behind = ''] = /^\w+:\/\/([^/?]+)(.*)$/.exec(requestUrl) ?? [];
    const path = behind.startsWith('/') ? behind : `/${behind}`;
    const answer = this.#login.authorize('GET', path, randomBytes(8).toString('hex'));
    // Names beyond Latin-1 go as UTF-8 (RFC 7616 §3.4.4); Node takes bytes only.
    const authorization = answer && Buffer.from(answer).toString('latin1');
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = request({
      agent: this.#agent,
      path,
      headers: {
        ...{ host, accept: '*/*', ...(authorization && { authorization }) },
        ...(range && { range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
      },
      // Cameras put blanks into names, line feeds alone at the end of lines and worse.
      insecureHTTPParser: true,
      signal,
    });
    const { requestTimeout } = this.#options;
    const late = () =>
      asking.destroy(new IngestError('timeout', `no answer within ${requestTimeout / 1000} s`, { place }));
    const timer = setTimeout(late, requestTimeout);
    asking.once('response', resolve);
    asking.on('error', (cause: NodeJS.ErrnoException) =>
      reject(signal.aborted ? signal.reason : told(cause, place)),
    );
    asking.end();
    return promise.finally(() => clearTimeout(timer));
  }

  /** Never to less than TLS (case 55). The login is the first host's: no other gets it, wherever that leads. */
  #follow(location: string, place: string): void {
    const { requestUrl, secure } = this.#url;
    const target = URL.canParse(location, requestUrl) ? new URL(location, requestUrl).href : location;
    const url = parseSourceUrl(target);
    if ('invalid' in url || !url.scheme.startsWith('http') || (secure && !url.secure)) {
      const message = `the camera redirects to something that is not ${secure ? 'https' : 'http'}://`;
      throw new IngestError('unsupported', message, { place });
    }
    this.close();
    this.#url = url;
    this.#agent = new CameraAgent({ ...this.#options, url });
    const { username, password } =
      url.host === this.#options.url.host && url.username === undefined ? this.#options : url;
    this.#login = new Login({ username, password });
  }
}

/** One connection at a time, made as any to a camera: with the certificate looked at before anything is sent. */
class CameraAgent extends Agent {
  readonly #options: SocketOptions;
  readonly #closing = new AbortController();

  constructor(options: SocketOptions) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    this.#options = options;
  }

  override createConnection(_: unknown, made: (error: Error | null, socket: Duplex) => void): undefined {
    openSocket(this.#options, undefined, this.#closing.signal).then(
      (socket) => made(null, socket),
      (error: Error) => made(error, undefined as never),
    );
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }
}

function told(cause: NodeJS.ErrnoException, place: string): IngestError {
  if (cause instanceof IngestError) return cause;
  if (cause.code?.startsWith('HPE_'))
    return new IngestError('protocol', 'the camera’s answer is no HTTP', { place, cause });
  return new IngestError('closed', `the connection ended before the answer: ${cause.code ?? cause.message}`, {
    place,
    cause,
  });
}
