import { Socket } from 'node:net';
import { descriptorOf, type RtspWire } from '../cameraSocket.ts';
import { into } from '../readMemory.ts';
import { answerAgain, type Exchange } from './exchange.ts';
import { CLOCK_BASE, type LeftSession } from './handover.ts';

/** @param at when they came, `performance.now()` milliseconds; undefined: now */
export type Received = (bytes: Buffer, at?: number) => void;

/**
 * A connection that a daemon before has opened. Who speaks through it begins as always, with OPTIONS: what was asked before is answered
 * as it was then, up to PLAY, and the camera hears nothing of it. Then comes what it has sent since, with the times at which it came,
 * and then what it sends now.
 */
export class LeftWire implements RtspWire {
  readonly #socket: Socket;
  readonly #talk: Exchange[];
  readonly #records: LeftSession['records'];
  readonly #received: Received;
  /** What came before it was its turn; undefined: it is. */
  #early: Buffer[] | undefined = [];

  /** @throws TypeError the descriptor is none of a connection */
  constructor({ descriptor, talk, records }: LeftSession, received: Received) {
    this.#talk = [...talk];
    this.#records = records;
    this.#received = received;
    const take = (bytes: Buffer) => {
      if (this.#early) this.#early.push(Buffer.from(bytes));
      else received(bytes);
    };
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: true, onread: into(take) });
  }

  /** See `descriptorOf`. */
  get descriptor(): number | undefined {
    return descriptorOf(this.#socket);
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get writable(): boolean {
    return this.#socket.writable;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): unknown {
    const exchange = this.#talk.shift();
    if (!exchange) return this.#socket.write(bytes);
    const answer = answerAgain(exchange, bytes);
    setImmediate(() => {
      if (!answer) this.#socket.destroy(new Error('the session was opened in another way'));
      if (!answer || this.#socket.destroyed) return;
      this.#received(answer);
      if (this.#talk.length === 0) setImmediate(() => this.#catchUp());
    });
    return true;
  }

  #catchUp(): void {
    for (const { at, bytes } of this.#records) this.#received(bytes, at - CLOCK_BASE);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const bytes of early) this.#received(bytes);
  }

  destroy(): unknown {
    return this.#socket.destroy();
  }

  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown {
    return this.#socket.on(event, listener);
  }
}
