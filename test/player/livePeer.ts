import type { WebSocket } from 'ws';
import type { LiveEvent, LiveRequest } from '../../daemon/schema.ts';
import type { LiveServer } from './liveServer.ts';
import type { LiveStream } from './liveStream.ts';
import { LiveTileFeed } from './liveTileFeed.ts';

/** One socket of a page. */
export class LivePeer {
  readonly heard: LiveRequest[] = [];
  readonly protocol: string;
  /** Bytes of binary messages sent. */
  sent = 0;
  paused = false;
  closed = false;
  readonly #server: LiveServer;
  readonly #socket: WebSocket;
  #tiles = new Map<
    number,
    { open: Extract<LiveRequest, { type: 'open' }>; feed: LiveTileFeed | undefined }
  >();
  #unplayable = new Set<string>();
  #held: (string | Buffer)[] = [];

  constructor(server: LiveServer, socket: WebSocket) {
    this.#server = server;
    this.#socket = socket;
    this.protocol = socket.protocol;
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.end();
    });
    this.tell({ type: 'hello', version: 1, instance: server.instance, now: server.now() });
  }

  tell(event: LiveEvent): void {
    this.send(JSON.stringify(event));
  }

  send(message: string | Buffer): void {
    if (this.#server.stalled) this.#held.push(message);
    else this.#socket.send(message);
    if (typeof message !== 'string') this.sent += message.length;
  }

  /** What was held back comes at once, as it does when TCP has lost something. */
  release(): void {
    for (const message of this.#held.splice(0)) this.#socket.send(message);
  }

  get ackedOf(): number {
    return this.heard.reduce((most, request) => (request.type === 'ack' ? request.bytes : most), 0);
  }

  #hear(request: LiveRequest): void {
    this.heard.push(request);
    switch (request.type) {
      case 'open':
        this.#close(request.tile);
        this.#tiles.set(request.tile, { open: request, feed: undefined });
        this.#begin(request.tile);
        break;
      case 'close':
        this.#close(request.tile);
        break;
      case 'unsupported':
        this.#unplayable.add(request.codec);
        this.#begin(request.tile);
        break;
      case 'ping':
        this.tell({ type: 'pong', at: request.at, now: this.#server.now() });
        break;
      case 'pause':
      case 'resume':
        this.paused = request.type === 'pause';
        for (const tile of this.#tiles.keys()) this.#begin(tile);
    }
  }

  #begin(number: number): void {
    const tile = this.#tiles.get(number);
    tile?.feed?.end();
    if (!tile || this.paused) return;
    const stream = this.#server.streams.get(tile.open.stream);
    if (!stream) {
      const message = `There is no stream ${tile.open.stream}.`;
      this.tell({ type: 'error', tile: number, code: 'stream_not_found', message });
      return;
    }
    const playable = !this.#unplayable.has(stream.clip.codec);
    const format = tile.open.formats.find((one) => one === 'jpeg' || playable) ?? 'jpeg';
    const reason = format === tile.open.formats[0] ? 'wished' : 'codec';
    const feed = this.#server.nextFeed();
    this.tell({ type: 'tile', tile: number, feed, format, stream: tile.open.stream, reason });
    const send = (message: Buffer) => this.send(message);
    const { hesitation } = this.#server;
    tile.feed = new LiveTileFeed({ tile: number, feed, format, stream, send, hesitation });
    this.tell({
      type: 'state',
      tile: number,
      stream: tile.open.stream,
      state: 'live',
      since: 0,
      message: null,
      sound: false,
    });
  }

  /** Every tile begins anew. */
  restart(): void {
    for (const tile of this.#tiles.keys()) this.#begin(tile);
  }

  /** A camera was set up otherwise: the feed goes on with what another one sends. */
  switchClip(stream: string, other: LiveStream): void {
    for (const { open, feed } of this.#tiles.values()) if (open.stream === stream) feed?.continueWith(other);
  }

  #close(number: number): void {
    this.#tiles.get(number)?.feed?.end();
    this.#tiles.delete(number);
  }

  end(): void {
    for (const tile of [...this.#tiles.keys()]) this.#close(tile);
    this.#socket.terminate();
  }
}
