import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import jpeg from 'jpeg-js';
import { lumaFromRgba, readFrameStamp } from '../virtual-camera/index.ts';

/** Reads an M-JPEG response as a browser does: by the boundary that its head names. */
export class MjpegViewer {
  /** Whole pictures so far. */
  pictures = 0;
  /** Parts that were no whole JPEG. */
  broken = 0;
  bytes = 0;
  last: Buffer | undefined;
  /** The response is over, whoever ended it. */
  ended = false;
  readonly #response: IncomingMessage;
  readonly #delimiter: Buffer;
  readonly #picture: (data: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  #searched = 0;
  readonly #awaited: ((at: number) => void)[] = [];

  private constructor(response: IncomingMessage, boundary: string, picture: (data: Buffer) => void) {
    this.#response = response;
    this.#delimiter = Buffer.from(`\r\n--${boundary}\r\n`);
    this.#picture = picture;
    // The first boundary has no line end before it.
    this.#pending = Buffer.from('\r\n');
    response.on('data', (chunk: Buffer) => this.#read(chunk));
    response.on('error', () => {}); // 'close' follows
    response.once('close', () => {
      this.ended = true;
    });
  }

  /** Resolves when the head is here, which is before the first picture. @throws Error with the body when it is no 200 */
  static async open(url: string, picture: (data: Buffer) => void = () => {}): Promise<MjpegViewer> {
    const request = get(url, { agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => {});
    const boundary = /^multipart\/x-mixed-replace;boundary=(.+)$/.exec(
      response.headers['content-type'] ?? '',
    )?.[1];
    if (response.statusCode !== 200 || boundary === undefined) {
      const body = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString();
      throw new Error(`GET ${url}: ${response.statusCode} ${body}`);
    }
    return new MjpegViewer(response, boundary, picture);
  }

  #read(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = this.#pending.indexOf(this.#delimiter, this.#searched);
      if (end < 0) {
        this.#searched = Math.max(0, this.#pending.length - this.#delimiter.length);
        return;
      }
      if (end > 0) this.#part(this.#pending.subarray(0, end));
      this.#pending = this.#pending.subarray(end + this.#delimiter.length);
      this.#searched = 0;
    }
  }

  #part(part: Buffer): void {
    const body = part.subarray(part.indexOf('\r\n\r\n') + 4);
    const whole =
      body.subarray(0, 2).toString('hex') === 'ffd8' && body.subarray(-2).toString('hex') === 'ffd9';
    if (!whole) {
      this.broken++;
      return;
    }
    this.pictures++;
    this.last = body;
    this.#picture(body);
    for (const tell of this.#awaited.splice(0)) tell(performance.now());
  }

  /** Resolves when the next picture is whole, with that time (`performance.now()` milliseconds). */
  async next(limit = 30_000): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => reject(new Error(`no picture within ${limit / 1000} s`)), limit);
    this.#awaited.push(resolve);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#response.destroy();
  }
}

/** Size of a picture, and the number that a virtual camera stamped on it. */
export function look(picture: Buffer): { width: number; height: number; stamp: number | undefined } {
  const { width, height, data } = jpeg.decode(picture, { useTArray: true });
  return { width, height, stamp: readFrameStamp(lumaFromRgba(data, width, height), width, height) };
}

/** Asks for pictures and never reads a byte of the answer. The returned function hangs up. */
export async function stuckViewer(url: string): Promise<() => void> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.unref(); // a test that fails before it hangs up ends all the same
  socket.pause(); // before it is connected: otherwise Node reads the first bytes by itself
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  return () => socket.destroy();
}
