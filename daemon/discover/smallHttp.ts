/** One small HTTP request to a device that nobody vouches for. */
import { request } from 'node:http';

export interface SmallRequest {
  readonly url: string;
  /** With a body it is a POST. */
  readonly body?: string;
  readonly contentType?: string;
  /** Milliseconds for everything; a device that drips one byte a second gets no longer. */
  readonly timeout: number;
  /** Longer answers are refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export type SmallAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'error'; readonly reason: string };

/** Plain http, no redirects (node:http follows none), no reuse of the connection. Never rejects. */
export function smallRequest(options: SmallRequest): Promise<SmallAnswer> {
  return new Promise((resolve) => {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)]);
    const fail = (reason: string): void => resolve({ kind: 'error', reason });
    try {
      const call = request(
        options.url,
        {
          method: options.body === undefined ? 'GET' : 'POST',
          agent: false,
          signal,
          headers: options.contentType === undefined ? {} : { 'Content-Type': options.contentType },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > options.maxBytes) {
              fail(`longer than ${options.maxBytes} bytes`);
              response.destroy();
            } else chunks.push(chunk);
          });
          response.on('end', () =>
            resolve({ kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
          );
          response.on('error', (error) => fail(error.message));
          response.on('close', () => fail('closed before the end'));
        },
      );
      call.on('error', (error) => fail(error.message));
      call.end(options.body);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  });
}
