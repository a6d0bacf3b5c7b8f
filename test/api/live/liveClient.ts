/** A viewer on the live socket, as the protocol describes it: daemon/api/live/PROTOCOL.md. */
import { WebSocket } from 'ws';
import type { LiveEvent, LiveRequest } from '../../../daemon/schema.ts';

export interface LivePart {
  kind: 'jpeg' | 'init' | 'mp4' | 'annexb' | 'soundInit' | 'sound';
  tile: number;
  feed: number;
  /** Unix milliseconds. */
  time: number;
  key: boolean;
  past: boolean;
  /** How old it was when it came, milliseconds, where both are on one machine. */
  age: number;
  payload: Buffer;
}

const KINDS = ['jpeg', 'init', 'mp4', 'annexb', 'soundInit', 'sound'] as const;

export class LiveClient {
  readonly socket: WebSocket;
  readonly told: LiveEvent[] = [];
  readonly parts: LivePart[] = [];
  /** Bytes of binary messages. */
  received = 0;
  closed: { code: number; reason: string } | undefined;
  /** Whether what comes is acknowledged. */
  acknowledges = true;

  constructor(
    port: number,
    options: { host?: string; path?: string; headers?: Record<string, string> } = {},
  ) {
    const { host = '127.0.0.1', path = '/api/live', headers = {} } = options;
    this.socket = new WebSocket(`ws://${host}:${port}${path}`, { headers });
    this.socket.on('message', (data: Buffer, isBinary) => this.#take(data, isBinary));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('error', () => {});
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.told.push(JSON.parse(String(data)));
      return;
    }
    this.received += data.length;
    this.parts.push(readPart(data));
    if (this.acknowledges) this.say({ type: 'ack', bytes: this.received });
  }

  /** Waits for the socket to open first. */
  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING)
      await new Promise((resolve) => this.socket.once('open', resolve));
    return this;
  }

  say(request: LiveRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  of<T extends LiveEvent['type']>(type: T): Extract<LiveEvent, { type: T }>[] {
    return this.told.filter((event): event is Extract<LiveEvent, { type: T }> => event.type === type);
  }

  close(): void {
    this.socket.terminate();
  }
}

export function readPart(data: Buffer): LivePart {
  return {
    kind: KINDS[(data[0] ?? 0) - 1] ?? 'jpeg',
    key: ((data[1] ?? 0) & 1) !== 0,
    past: ((data[1] ?? 0) & 2) !== 0,
    tile: data.readUInt16BE(2),
    feed: data.readUInt32BE(4),
    time: data.readDoubleBE(8),
    age: Date.now() - data.readDoubleBE(8),
    payload: data.subarray(16),
  };
}

/** Width, height, codec string and segment of an `init`. */
export function readInit(payload: Buffer) {
  const length = payload[4] ?? 0;
  return {
    width: payload.readUInt16BE(0),
    height: payload.readUInt16BE(2),
    codec: payload.toString('latin1', 5, 5 + length),
    segment: payload.subarray(5 + length),
  };
}
