import { WebSocket } from 'ws';
import type { LiveEvent, LiveRequest } from '../../daemon/schema.ts';
import { AckBatch } from '../../kiosk-ui/player/ackBatch.ts';
import { CountedSocket } from './countedSocket.ts';

/** One binary message, and when it was here. */
export interface LiveArrival {
  kind: 'jpeg' | 'init' | 'mp4' | 'annexb';
  tile: number;
  /** Unix milliseconds with fractions, of the box. */
  time: number;
  past: boolean;
  payload: Buffer;
  /** `performance.timeOrigin + performance.now()`. */
  at: number;
}

const KINDS = ['jpeg', 'init', 'mp4', 'annexb'] as const;

/** A viewer on `/api/live` that acknowledges as a browser's page does: daemon/api/live/PROTOCOL.md. */
export class LiveViewer extends CountedSocket {
  /** Pictures that the box says were left out for us. */
  dropped = 0;
  readonly #batch = new AckBatch();
  readonly #arrived: (arrival: LiveArrival) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param url of the daemon, `http://…` */
  constructor(url: string, arrived: (arrival: LiveArrival) => void) {
    super(`${url.replace('http', 'ws')}/api/live`);
    this.#arrived = arrived;
    this.socket.on('message', (data: Buffer, isBinary) =>
      isBinary ? this.#take(data) : this.#hear(JSON.parse(String(data))),
    );
    this.socket.on('close', () => clearTimeout(this.#timer));
  }

  say(request: LiveRequest): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  #hear(event: LiveEvent): void {
    if (event.type === 'pace') this.dropped = event.dropped;
    if (event.type === 'error') throw new Error(`the box refuses a tile: ${event.message}`);
  }

  #take(data: Buffer): void {
    const at = performance.timeOrigin + performance.now();
    this.#batch.received(data.length, performance.now());
    this.#acknowledge();
    this.#arrived({
      kind: KINDS[(data[0] ?? 0) - 1] ?? 'init',
      past: ((data[1] ?? 0) & 2) !== 0,
      tile: data.readUInt16BE(2),
      time: data.readDoubleBE(8),
      payload: data.subarray(16),
      at,
    });
  }

  #acknowledge(): void {
    const due = this.#batch.dueAt;
    if (due === undefined) return;
    const now = performance.now();
    clearTimeout(this.#timer);
    if (due <= now) this.say({ type: 'ack', bytes: this.#batch.take(now) });
    else this.#timer = setTimeout(() => this.#acknowledge(), due - now);
  }
}
