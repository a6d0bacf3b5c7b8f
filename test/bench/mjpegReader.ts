import { get, type IncomingMessage } from 'node:http';

/** One complete picture and when its last byte was here. */
export interface ReceivedPicture {
  jpeg: Buffer;
  /** `performance.timeOrigin + performance.now()` milliseconds, comparable between processes of one machine. */
  at: number;
}

const EOI = Buffer.from([0xff, 0xd9]);
const SOI = Buffer.from([0xff, 0xd8]);

/** Reads an M-JPEG response until `signal`; hands each picture over as soon as it is whole. */
export function readMjpeg(
  url: string,
  signal: AbortSignal,
  picture: (picture: ReceivedPicture) => void,
): Promise<void> {
  return open(url, signal, (response) => {
    let pending: Buffer = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      const at = performance.timeOrigin + performance.now();
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      for (;;) {
        const start = pending.indexOf(SOI);
        const end = start < 0 ? -1 : pending.indexOf(EOI, start + 2);
        if (end < 0) return;
        picture({ jpeg: pending.subarray(start, end + 2), at });
        pending = pending.subarray(end + 2);
      }
    });
  });
}

/** Reads and throws away, as cheaply as a client can; counts the bytes. */
export function drainMjpeg(url: string, signal: AbortSignal, meter = { bytes: 0 }): Promise<void> {
  return open(url, signal, (response) => {
    response.on('data', (chunk: Buffer) => {
      meter.bytes += chunk.length;
    });
  });
}

function open(url: string, signal: AbortSignal, started: (response: IncomingMessage) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = get(url, { signal, agent: false }, (response) => {
    if (response.statusCode !== 200) return reject(new Error(`${url}: status ${response.statusCode}`));
    response.on('error', () => resolve());
    response.on('close', () => resolve());
    started(response);
  });
  request.on('error', (error) => (signal.aborted ? resolve() : reject(error)));
  return promise;
}
