import type { VideoPart } from '../../camera/streamVideo.ts';
import type { Viewer } from '../../fanout/hub.ts';
import { TileQueue } from '../../fanout/live/tileQueue.ts';
import type { Cameras, RenditionSize } from '../deps.ts';

/** What is used of a WebSocket. */
export interface PlainSocket {
  send(data: string | Buffer, done: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

/** A socket that took nothing for so long is closed; milliseconds. */
const BLOCKED_LIMIT = 60_000;

/**
 * One stream for a program that wants nothing but its pictures: JPEGs, or an MP4 in pieces, each a message of its own. One message
 * is being written; what waits behind it is bounded as for a tile.
 */
export class StreamSocket implements Viewer {
  readonly #socket: PlainSocket;
  readonly #queue = new TileQueue();
  #writing = false;
  #writingSince = 0;
  #leave: () => void = () => {};
  #closed = false;

  constructor(socket: PlainSocket) {
    this.#socket = socket;
    socket.on('close', () => this.#close());
    socket.on('error', () => {}); // 'close' follows
  }

  get dropped(): number {
    return this.#queue.dropped;
  }

  /** @throws what opening a stream throws */
  sendJpegs(cameras: Pick<Cameras, 'openRendition'>, stream: string, size: RenditionSize): void {
    const { rendition, release } = cameras.openRendition(stream, size);
    const leave = rendition.hub.add(this);
    this.#opened(() => {
      leave();
      release();
    });
  }

  /** @throws what opening a stream throws */
  sendMp4(cameras: Pick<Cameras, 'openVideo'>, stream: string): void {
    const leave = cameras.openVideo(stream, 'mp4', {
      offer: (part) => this.#offerPart(part),
      end: () => this.end(),
    });
    this.#opened(leave);
  }

  #opened(leave: () => void): void {
    if (this.#closed) leave();
    else this.#leave = leave;
  }

  offer({ data, receivedAt }: { data: Buffer; receivedAt: number }): void {
    this.#take({ kind: 'jpeg', payload: data, receivedAt, key: true, past: false });
  }

  #offerPart({ kind, data, width, height, codec, key, past, receivedAt }: VideoPart): void {
    if (kind === 'init') this.#socket.send(JSON.stringify({ type: 'init', codec, width, height }), () => {});
    this.#take({ kind: kind === 'init' ? 'init' : 'mp4', payload: data, receivedAt, key, past });
  }

  #take(message: Parameters<TileQueue['offer']>[0]): void {
    this.#queue.offer(message, performance.now());
    this.#flush();
  }

  #flush(): void {
    if (this.#closed) return;
    if (this.#writing) {
      if (performance.now() - this.#writingSince > BLOCKED_LIMIT) this.#socket.terminate();
      return;
    }
    const message = this.#queue.take();
    if (!message) return;
    this.#writing = true;
    this.#writingSince = performance.now();
    this.#socket.send(message.payload, () => {
      this.#writing = false;
      this.#flush();
    });
  }

  end(): void {
    this.#socket.close(1000, 'the stream was stopped or removed');
    this.#close();
  }

  #close(): void {
    this.#closed = true;
    const leave = this.#leave;
    this.#leave = () => {};
    leave();
  }
}
