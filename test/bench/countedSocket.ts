import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A WebSocket that tells how many bytes its connection carried, handshake and frame headers included. */
export class CountedSocket {
  readonly socket: WebSocket;
  #connection: Socket | undefined;

  constructor(url: string) {
    // As browsers' messages to the daemon: not compressed.
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('upgrade', (response: IncomingMessage) => {
      this.#connection = response.socket;
    });
    this.socket.on('error', () => {});
  }

  /** Bytes, both ways. */
  get wire(): number {
    return (this.#connection?.bytesRead ?? 0) + (this.#connection?.bytesWritten ?? 0);
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** @throws Error when it closes instead */
  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING)
      await Promise.race([once(this.socket, 'open'), once(this.socket, 'close')]);
    if (!this.open) throw new Error(`${this.socket.url} could not be opened`);
  }

  /** Reads nothing any more, so that TCP holds up whoever sends. */
  stall(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.terminate();
  }
}
