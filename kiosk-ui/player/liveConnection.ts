import type { LiveRequest } from '../../daemon/schema.ts';
import { backoff } from '../api/backoff.ts';
import { AckBatch } from './ackBatch.ts';
import { addressProblem, type BoxAddress, liveProtocols, liveUrl } from './boxAddress.ts';

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;
const CONNECT_LIMIT = 8_000;
/** The box speaks every two seconds; a connection that is silent for so long is dead although nobody closed it. */
const SILENCE_LIMIT = 10_000;
const WATCH_EVERY = 1_000;

export interface ConnectionEvents {
  opened: () => void;
  /** It closed, or could not be opened; another attempt follows. `problem`: what no other attempt will mend, or undefined. */
  closed: (problem: string | undefined) => void;
  text: (data: string) => void;
  binary: (data: ArrayBuffer) => void;
}

/** One WebSocket at a time, opened again for ever, whose bytes are acknowledged. */
export class LiveConnection {
  readonly #address: BoxAddress;
  readonly #events: ConnectionEvents;
  #socket: WebSocket | undefined;
  #acks = new AckBatch();
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #watchTimer: ReturnType<typeof setInterval> | undefined;
  #failures = 0;
  #heardAt = 0;
  #begunAt = 0;
  #ended = false;

  constructor(address: BoxAddress, events: ConnectionEvents) {
    this.#address = address;
    this.#events = events;
    // Not waiting for the rest of a pause when the network is back.
    addEventListener('online', this.#retryNow);
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_EVERY);
    this.#open();
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** When the attempt began that led to the present socket; the page's clock. */
  get begunAt(): number {
    return this.#begunAt;
  }

  /** Said now, or never: what a page says is of this connection. */
  say(request: LiveRequest): void {
    if (this.isOpen) this.#socket?.send(JSON.stringify(request));
  }

  /** The box understands us: the pauses begin anew with the next failure. */
  proven(): void {
    this.#failures = 0;
  }

  end(): void {
    this.#ended = true;
    removeEventListener('online', this.#retryNow);
    clearInterval(this.#watchTimer);
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  #open(): void {
    this.#begunAt = this.#heardAt = performance.now();
    const { base = location.origin, token } = this.#address;
    const problem = addressProblem(base, token, location.href);
    if (problem !== undefined) {
      this.#closed(problem);
      return;
    }
    const socket = new WebSocket(liveUrl(base), liveProtocols(token));
    // Blobs are read asynchronously, and Firefox finishes them out of order.
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#heardAt = performance.now();
      this.#events.opened();
    };
    socket.onclose = () => this.#closed(undefined);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#hear(data);
  }

  #hear(data: string | ArrayBuffer): void {
    const now = performance.now();
    this.#heardAt = now;
    if (typeof data === 'string') {
      this.#events.text(data);
      return;
    }
    this.#acks.received(data.byteLength, now);
    this.#acknowledge();
    this.#events.binary(data);
  }

  readonly #acknowledge = (): void => {
    const { dueAt } = this.#acks;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    if (dueAt === undefined) return;
    const now = performance.now();
    if (now >= dueAt) this.say({ type: 'ack', bytes: this.#acks.take(now) });
    else this.#ackTimer = setTimeout(this.#acknowledge, Math.max(1, dueAt - now));
  };

  #watch(): void {
    if (!this.#socket) return;
    const limit = this.isOpen ? SILENCE_LIMIT : CONNECT_LIMIT;
    if (performance.now() - this.#heardAt > limit) this.#closed(undefined);
  }

  #closed(problem: string | undefined): void {
    this.#drop();
    if (this.#ended) return;
    this.#failures++;
    const pause = backoff(this.#failures, FIRST_PAUSE, LONGEST_PAUSE, Math.random());
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(this.#retryNow, pause);
    this.#events.closed(problem);
  }

  readonly #retryNow = (): void => {
    if (this.#socket || this.#ended) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  };

  /** Closes whatever socket there is. One that is still connecting too: else it would open later, for nobody. */
  #drop(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#acks = new AckBatch();
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }
}
