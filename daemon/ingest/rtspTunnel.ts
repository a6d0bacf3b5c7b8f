/**
 * RTSP through HTTP, for cameras behind proxies and firewalls that let nothing else through (Apple, 1998; RFC 7826 does not have it;
 * live555 and GStreamer do): the camera's bytes come as the answer to a GET, ours go as base64 in a POST that is never answered (case 57).
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { parseHead, type RtspHeaders, USER_AGENT } from '../rtsp/rtspMessage.ts';
import { openSocket, type RtspWire, type SocketOptions } from './cameraSocket.ts';
import { Login, type LoginTries } from './digest.ts';
import { IngestError, statusError } from './ingestError.ts';
import { redactUrl } from './sourceUrl.ts';

/** As QuickTime states it; nobody counts. */
const POST_LENGTH = 32_767;
const MOST_HEAD = 16 * 1024;
const TYPE = 'application/x-rtsp-tunnelled';

export interface TunnelOptions extends SocketOptions {
  username: string | undefined;
  password: string | undefined;
  refusesSha256: boolean;
  /** Milliseconds. */
  requestTimeout: number;
}

/** @throws IngestError as `openSocket`, 'timeout', 'protocol', or what the status of the answer means */
export async function openTunnel(
  options: TunnelOptions,
  received: (bytes: Buffer) => void,
  signal: AbortSignal,
): Promise<RtspWire> {
  const { host, port, requestUrl } = options.url;
  const path = requestUrl.replace(/^[a-z]+:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/');
  const place = `GET ${redactUrl(path)}`;
  // The camera knows by it which POST belongs to which GET.
  const cookie = randomBytes(11).toString('hex');
  const login = new Login(options);
  const tries: LoginTries = { freshAnswers: 0 };
  const head = (method: 'GET' | 'POST', more: Record<string, string>) => {
    const authorization = login.authorize(method, path, randomBytes(8).toString('hex'));
    const fields = {
      ...{ Host: `${host}:${port}`, 'User-Agent': USER_AGENT, 'x-sessioncookie': cookie },
      ...{ ...more, Pragma: 'no-cache', 'Cache-Control': 'no-cache' },
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.0\r\n${lines.join('')}\r\n`;
  };

  for (;;) {
    const reader = new HeadReader(received);
    const down = await openSocket(options, (bytes) => reader.read(bytes), signal);
    // While nobody else listens; 'close' follows.
    down.on('error', () => {});
    const answer = reader.answer(down, options.requestTimeout, place, signal);
    down.write(head('GET', { Accept: TYPE }));
    const { status, reason, headers } = await answer.catch((error) => {
      down.destroy();
      throw error;
    });
    if (status === 200) {
      const post = { 'Content-Type': TYPE, 'Content-Length': String(POST_LENGTH) };
      const up = await openSocket(options, () => {}, signal).catch((error) => {
        down.destroy();
        throw error;
      });
      if (down.destroyed) {
        up.destroy();
        throw new IngestError('closed', 'the camera closed the connection', { place });
      }
      up.write(head('POST', post));
      return new Tunnel(down, up);
    }
    // Once more on a connection of its own: after a 401 cameras do not read on in this one.
    down.destroy();
    const again = status === 401 && login.challenged(headers.all('WWW-Authenticate'), tries) === 'retry';
    if (!again) throw statusError({ status, reason }, place, options.username !== undefined);
  }
}

interface Answer {
  status: number;
  reason: string;
  headers: RtspHeaders;
}

/** The head of the answer to the GET; what comes behind it is the stream. */
class HeadReader {
  readonly #received: (bytes: Buffer) => void;
  readonly #answered = Promise.withResolvers<Answer>();
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(received: (bytes: Buffer) => void) {
    this.#received = received;
  }

  read(bytes: Buffer): void {
    if (!this.#head) {
      this.#received(bytes);
      return;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0 && this.#head.length < MOST_HEAD) return;
    const text = end < 0 ? '' : this.#head.toString('latin1', 0, end);
    const rest = this.#head.subarray(end + 4);
    this.#head = undefined;
    const answer = parseHead(text.replace(/^HTTP\//, 'RTSP/'));
    if (answer?.kind !== 'response') {
      this.#answered.reject(new TypeError('no head of HTTP'));
      return;
    }
    this.#answered.resolve(answer);
    if (answer.status === 200 && rest.length > 0) this.#received(rest);
  }

  async answer(socket: Socket, timeout: number, place: string, signal: AbortSignal): Promise<Answer> {
    const fail = (error: unknown) => this.#answered.reject(error);
    const timer = setTimeout(
      () => fail(new IngestError('timeout', `no answer within ${timeout / 1000} s`, { place })),
      timeout,
    );
    const closed = () => fail(new IngestError('closed', 'the connection ended before the answer', { place }));
    const aborted = () => fail(signal.reason);
    socket.on('error', closed).on('close', closed);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      return await this.#answered.promise;
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new IngestError('protocol', 'the camera’s answer is no HTTP', { place, cause });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off('error', closed).off('close', closed);
    }
  }
}

/** Both connections as one; it ends with the first of them. */
class Tunnel implements RtspWire {
  readonly #down: Socket;
  readonly #up: Socket;

  constructor(down: Socket, up: Socket) {
    this.#down = down;
    this.#up = up;
    up.on('error', () => {}); // 'close' follows
    up.on('close', () => down.destroy());
    down.on('close', () => up.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#down.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#down.localAddress;
  }

  get writable(): boolean {
    return this.#up.writable;
  }

  get writableLength(): number {
    return this.#up.writableLength;
  }

  /** Each message by itself: cameras decode what a packet brings. */
  write(bytes: Buffer): void {
    this.#up.write(bytes.toString('base64'));
  }

  destroy(): void {
    this.#down.destroy();
    this.#up.destroy();
  }

  on(event: 'error' | 'close', listener: (error: Error) => void): void {
    this.#down.on(event, listener as () => void);
  }
}
