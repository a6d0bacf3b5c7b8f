import { setTimeout as sleep } from 'node:timers/promises';
import { JpegSplitter } from '../../jpeg/jpegSplitter.ts';
import { MAX_ACCESS_UNIT } from '../accessUnits.ts';
import type { IngestCounters } from '../counters.ts';
import { IngestError } from '../ingestError.ts';
import { JpegSource } from '../jpegSource.ts';
import type { SourceSink } from '../sourceSession.ts';
import { answerBody } from './answerBody.ts';
import type { HttpAnswer, HttpClient } from './httpClient.ts';

/** Milliseconds from one single picture to the next. A camera makes each anew, beside the streams that it has to encode. */
const INTERVAL = 500;
/** Of its time a camera spends so much on us at most. */
const SHARE = 0.5;
/** Bytes without a picture in them, after which none is to be hoped for. */
const MOST_RUBBISH = 8 * 1024 * 1024;

export interface HttpPicturesOptions {
  readonly client: HttpClient;
  /** What came already, and has not been read yet. */
  readonly first: { readonly answer: HttpAnswer; readonly body: AsyncIterable<Buffer> };
  readonly stallTimeout: number;
  readonly counters: IngestCounters;
}

/**
 * Pictures of a camera over HTTP: M-JPEG (`multipart/x-mixed-replace`), or single JPEGs, which are asked for again and again. Which of
 * the two an address is shows in its answer. What is in between is not looked at: boundaries are announced with and without their
 * dashes, lengths are wrong, `image/jpeg` is called `application/octet-stream`; that a JPEG is one shows in the JPEG.
 */
export class HttpPictures extends JpegSource {
  readonly #options: HttpPicturesOptions;

  constructor(options: HttpPicturesOptions, sink: SourceSink) {
    super(sink, 'http', options.counters);
    this.#options = options;
  }

  get loginWorked(): boolean {
    return this.playing && this.#options.client.loginUsed;
  }

  /** @throws IngestError, or the signal's reason */
  async run(signal: AbortSignal): Promise<'aborted'> {
    const { client, stallTimeout } = this.#options;
    let { answer, body } = this.#options.first;
    for (;;) {
      const from = performance.now();
      await this.#read(answer, body);
      const took = performance.now() - from;
      await sleep(Math.max(INTERVAL, took / SHARE) - took, undefined, { signal });
      answer = await client.get(signal);
      body = answerBody(answer, stallTimeout, signal);
    }
  }

  /** To the end of the answer, which is one of a single picture. @throws IngestError */
  async #read({ type, place }: HttpAnswer, body: AsyncIterable<Buffer>): Promise<void> {
    const splitter = new JpegSplitter(MAX_ACCESS_UNIT);
    let pictures = 0;
    for await (const chunk of body) {
      this.counters.bytes_received += chunk.length;
      for (const picture of splitter.push(chunk)) if (this.take(picture)) pictures++;
      if (pictures === 0 && splitter.skippedBytes > MOST_RUBBISH) break;
    }
    if (pictures === 0) {
      const what = type === '' ? 'something that is no video' : `${type}, and no video in it`;
      const message = `the camera sent ${what}: over HTTP the address of M-JPEG, of a single JPEG, or of FLV or MPEG-TS is wanted`;
      throw new IngestError('unsupported', message, { place });
    }
    if (type.startsWith('multipart/'))
      throw new IngestError('closed', 'the camera ended the stream', { place });
  }
}
