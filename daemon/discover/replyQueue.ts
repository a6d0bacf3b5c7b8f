/**
 * Datagrams wait here, so that the socket's callback does nothing but empty the kernel's buffer (agsh f920678: replies
 * of many cameras were lost while the first was parsed). Bounded in number, bytes and per sender.
 */
export interface Datagram {
  readonly data: Uint8Array;
  /** IPv4 source address. */
  readonly address: string;
}

const MAX_WAITING = 2_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** 3 rounds × 3 probes × the channels of a recorder, or some dozens of cameras behind one address. */
const MAX_PER_SENDER = 500;
const MAX_SENDERS = 4_096;
const BATCH = 16;

export class ReplyQueue<T extends Datagram> {
  readonly #handle: (datagram: T) => void;
  readonly #perSender = new Map<string, number>();
  #waiting: T[] = [];
  #bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;
  /** Datagrams that were thrown away unread. */
  dropped = 0;

  /** @param handle must not throw */
  constructor(handle: (datagram: T) => void) {
    this.#handle = handle;
  }

  push(datagram: T): void {
    if (this.#closed) return;
    const seen = this.#perSender.get(datagram.address) ?? 0;
    if (
      seen >= MAX_PER_SENDER ||
      (seen === 0 && this.#perSender.size >= MAX_SENDERS) ||
      this.#waiting.length >= MAX_WAITING ||
      this.#bytes + datagram.data.byteLength > MAX_BYTES
    ) {
      this.dropped += 1;
      return;
    }
    this.#perSender.set(datagram.address, seen + 1);
    this.#waiting.push(datagram);
    this.#bytes += datagram.data.byteLength;
    this.#scheduled ??= setImmediate(() => this.#drain());
  }

  /** Nothing is handled after this. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    clearImmediate(this.#scheduled);
  }

  #drain(): void {
    this.#scheduled = undefined;
    for (const datagram of this.#waiting.splice(0, BATCH)) {
      this.#bytes -= datagram.data.byteLength;
      this.#handle(datagram);
    }
    if (this.#waiting.length > 0 && !this.#closed) this.#scheduled = setImmediate(() => this.#drain());
  }
}
