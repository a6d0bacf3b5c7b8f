import { initPayload, type LiveKind, liveHeader } from '../../daemon/fanout/live/message.ts';
import type { LiveFormat } from '../../daemon/schema.ts';
import type { LiveStream, StreamPicture } from './liveStream.ts';

export interface LiveTileFeedOptions {
  tile: number;
  feed: number;
  format: LiveFormat;
  stream: LiveStream;
  send: (message: Buffer) => void;
  /** Milliseconds to the first picture. */
  hesitation: number;
}

/** What one tile is sent: of a video the current group of pictures at once, then each picture as it comes. */
export class LiveTileFeed {
  readonly #options: LiveTileFeedOptions;
  #stream: LiveStream;
  #needsKey: boolean;

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveTileFeedOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#needsKey = options.format !== 'jpeg';
    if (this.#needsKey) this.#describe();
    if (options.hesitation > 0) this.#timer = setTimeout(() => this.#join(), options.hesitation);
    else this.#join();
  }

  #join(): void {
    const { group } = this.#stream;
    const burst = this.#options.format === 'jpeg' ? group.slice(-1) : group;
    for (const [i, picture] of burst.entries()) this.#send(picture, i < burst.length - 1);
    this.#stream.listeners.add(this.#take);
  }

  /** From its next key picture on. */
  continueWith(stream: LiveStream): void {
    this.end();
    this.#stream = stream;
    this.#needsKey = true;
    this.#describe();
    stream.listeners.add(this.#take);
  }

  #describe(): void {
    const { width, height, codec, segment } = this.#stream.clip;
    const mp4 = this.#options.format === 'mp4';
    const payload = initPayload({ width, height, codec, segment: mp4 ? segment : undefined });
    this.#write('init', payload, Date.now(), false, false);
  }

  readonly #take = (picture: StreamPicture): void => this.#send(picture, false);

  #send({ clip, fragment, time }: StreamPicture, past: boolean): void {
    const { format } = this.#options;
    if (this.#needsKey && !clip.key) return;
    this.#needsKey = false;
    const payload = format === 'mp4' ? fragment : format === 'annexb' ? clip.unit : clip.jpeg;
    this.#write(format, payload, time, format === 'jpeg' || clip.key, past);
  }

  #write(kind: LiveKind, payload: Buffer, time: number, key: boolean, past: boolean): void {
    const { tile, feed, send } = this.#options;
    send(Buffer.concat([liveHeader({ kind, tile, feed, time, key, past }), payload]));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stream.listeners.delete(this.#take);
  }
}
