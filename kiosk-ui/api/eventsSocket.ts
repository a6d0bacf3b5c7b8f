import type { PageEvent, ServerEvent } from '../../daemon/schema.ts';
import { backoff } from './backoff.ts';
import { parseServerEvent } from './serverEvent.ts';

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 3_000;
const CONNECT_LIMIT = 5_000;
/** The daemon speaks once a second; a connection that is silent for so long is dead although nobody closed it. */
const SILENCE_LIMIT = 10_000;
/** Bytes that may wait to be sent: what a page says is of the moment, and of no use later. */
const BACKLOG_LIMIT = 16_384;

export interface EventsSocketOptions {
  url: string;
  event: (event: ServerEvent) => void;
  /** The connection opened, or closed for whatever reason. */
  connection: (open: boolean) => void;
}

/** The events socket, opened again for ever. It has no timer of its own: the page's one clock calls `tick`. */
export class EventsSocket {
  #options: EventsSocketOptions;
  #socket: WebSocket | undefined;
  #failures = 0;
  #attemptAt = 0;
  #heardAt = 0;

  constructor(options: EventsSocketOptions) {
    this.#options = options;
  }

  /** `now` in milliseconds of a clock that never jumps. */
  tick(now: number): void {
    const socket = this.#socket;
    if (!socket) {
      if (now >= this.#attemptAt) this.#open(now);
      return;
    }
    const limit = socket.readyState === WebSocket.OPEN ? SILENCE_LIMIT : CONNECT_LIMIT;
    if (now - this.#heardAt > limit) this.#closed(now);
  }

  /** Says something to the daemon now, or never. */
  send(event: PageEvent): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > BACKLOG_LIMIT) return;
    socket.send(JSON.stringify(event));
  }

  #open(now: number): void {
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    this.#heardAt = now;
    socket.onopen = () => this.#options.connection(true);
    socket.onclose = () => this.#closed(performance.now());
    socket.onmessage = ({ data }) => {
      this.#heardAt = performance.now();
      const event = parseServerEvent(data);
      if (!event) return;
      this.#failures = 0;
      this.#options.event(event);
    };
  }

  #closed(now: number): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
    this.#socket = undefined;
    this.#failures++;
    this.#attemptAt = now + backoff(this.#failures, FIRST_PAUSE, LONGEST_PAUSE, Math.random());
    this.#options.connection(false);
  }
}
