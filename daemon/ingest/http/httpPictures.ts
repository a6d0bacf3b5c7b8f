import { setTimeout as sleep } from 'node:timers/promises';
import { JpegSplitter } from '../../jpeg/jpegSplitter.ts';
import { MAX_ACCESS_UNIT } from '../accessUnits.ts';
import { IngestError } from '../ingestError.ts';
import { JpegSource } from '../jpegSource.ts';
import type { RtspSessionOptions } from '../rtspSession.ts';
import type { SourceSink } from '../sourceSession.ts';
import { parseSourceUrl } from '../sourceUrl.ts';
import { type HttpAnswer, HttpClient } from './httpClient.ts';

/** Milliseconds from one single picture to the next. A camera makes each anew, beside the streams that it has to encode. */
const INTERVAL = 500;
/** Of its time a camera spends so much on us at most. */
const SHARE = 0.5;
/** Bytes without a picture in them, after which none is to be hoped for. */
const MOST_RUBBISH = 8 * 1024 * 1024;

export type HttpPicturesOptions = Pick<
  RtspSessionOptions,
  'url' | 'username' | 'password' | 'connectTimeout' | 'requestTimeout' | 'stallTimeout' | 'judge'
>;

/**
 * Pictures of a camera over HTTP: M-JPEG (`multipart/x-mixed-replace`), or single JPEGs, which are asked for again and again. Which of
 * the two an address is shows in its answer. What is in between is not looked at: boundaries are announced with and without their
 * dashes, lengths are wrong, `image/jpeg` is called `application/octet-stream`; that a JPEG is one shows in the JPEG.
 */
export class HttpPictures extends JpegSource {
  readonly #options: HttpPicturesOptions;
  #client: HttpClient | undefined;

  constructor(options: HttpPicturesOptions, sink: SourceSink) {
    super(sink, 'http');
    this.#options = options;
  }

  get loginWorked(): boolean {
    return this.playing && (this.#client?.loginUsed ?? false);
  }

  async run(signal: AbortSignal): Promise<'aborted'> {
    if (this.#client) throw new TypeError('a session runs once');
    const { connectTimeout = 5_000, requestTimeout = 10_000, judge } = this.#options;
    const url = parseSourceUrl(this.#options.url);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const { username, password } = this.#options.username === undefined ? url : this.#options;
    const client = new HttpClient({ url, username, password, connectTimeout, requestTimeout, judge });
    this.#client = client;
    try {
      for (;;) {
        const from = performance.now();
        await this.#read(await client.get(signal), signal);
        const took = performance.now() - from;
        await sleep(Math.max(INTERVAL, took / SHARE) - took, undefined, { signal });
      }
    } catch (error) {
      if (signal.aborted) return 'aborted';
      throw error;
    } finally {
      client.close();
    }
  }

  /** To the end of the answer, which is one of a single picture. @throws IngestError */
  async #read(answer: HttpAnswer, signal: AbortSignal): Promise<void> {
    const { stallTimeout = 5_000 } = this.#options;
    const { type, place, body } = answer;
    const splitter = new JpegSplitter(MAX_ACCESS_UNIT);
    const stalled = () =>
      answer.end(
        new IngestError('stalled', `the camera sent nothing for ${stallTimeout / 1000} s`, { place }),
      );
    const timer = setTimeout(stalled, stallTimeout);
    const aborted = () => answer.end();
    signal.addEventListener('abort', aborted, { once: true });
    let pictures = 0;
    try {
      for await (const chunk of body) {
        timer.refresh();
        this.counters.bytes_received += chunk.length;
        for (const picture of splitter.push(chunk)) if (this.take(picture)) pictures++;
        if (pictures === 0 && splitter.skippedBytes > MOST_RUBBISH) break;
      }
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof IngestError) throw cause;
      throw new IngestError('closed', 'the connection broke', { place, cause });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      answer.end();
    }
    signal.throwIfAborted();
    if (pictures === 0) {
      const what = type === '' ? 'something that is no JPEG' : `${type}, and no JPEG in it`;
      const message = `the camera sent ${what}: over HTTP the address of M-JPEG or of a single JPEG is wanted`;
      throw new IngestError('unsupported', message, { place });
    }
    if (type.startsWith('multipart/'))
      throw new IngestError('closed', 'the camera ended the stream', { place });
  }
}
