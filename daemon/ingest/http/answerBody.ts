import { IngestError } from '../ingestError.ts';
import type { HttpAnswer } from './httpClient.ts';

/**
 * What an answer brings, to its end. A camera that sends nothing for `stallTimeout` milliseconds while it is listened to has stalled.
 * Whoever stops early ends the answer. @throws IngestError, or the signal's reason
 */
export async function* answerBody(
  { body, place, end }: HttpAnswer,
  stallTimeout: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const aborted = () => end();
  signal.addEventListener('abort', aborted, { once: true });
  const stalled = () =>
    end(new IngestError('stalled', `the camera sent nothing for ${stallTimeout / 1000} s`, { place }));
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(stalled, stallTimeout);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      signal.throwIfAborted();
      if (next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof IngestError) throw cause;
    throw new IngestError('closed', 'the connection broke', { place, cause });
  } finally {
    signal.removeEventListener('abort', aborted);
    end();
  }
}

/**
 * The first bytes, as many as are needed or come, and everything from them on. @throws as the body itself
 */
export async function lookAhead(
  body: AsyncGenerator<Buffer, void, undefined>,
  bytes: number,
): Promise<{ head: Buffer; body: AsyncIterable<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < bytes) {
    const next = await body.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, body: behind(head, body) };
}

async function* behind(head: Buffer, body: AsyncGenerator<Buffer, void, undefined>) {
  try {
    if (head.length > 0) yield head;
    yield* body;
  } finally {
    await body.return();
  }
}
