/** The RTSP server's socket: every stream again at `rtsp://box:8554/NAME`, so that others need no session of the camera's own. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { UdpTransport } from '../rtsp/udpTransport.ts';
import type { Peer } from './outlet.ts';
import { type ConnectionOptions, RestreamConnection } from './restreamConnection.ts';

/** Sessions at once, each of which may have the pictures of another stream; and connections, most of which have one. */
const MAX_SESSIONS = 64;
const MAX_CONNECTIONS = 128;
const TICK = 1_000;
/** Milliseconds for what was written last; then the connection is cut. */
const LAST_WORDS = 500;

export type RestreamOptions = Pick<ConnectionOptions, 'streams' | 'login' | 'log'>;

export class RestreamServer {
  readonly #options: RestreamOptions;
  readonly #server: Server;
  readonly #connections = new Map<Socket, RestreamConnection>();
  #sessions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RestreamOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** @returns the port · Rejects with the system's error. */
  async listen({ host, port }: { host: string; port: number }): Promise<number> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'restreaming'));
    this.#timer = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections.values()) connection.tick(now);
    }, TICK).unref();
    return this.port ?? port;
  }

  /** Null: it does not listen. */
  get port(): number | null {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : null;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /** Says goodbye to everybody; resolves when all sockets are closed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections.values()) connection.close();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = new RestreamConnection({
      ...this.#options,
      peer: peerOf(socket),
      openUdp: (options) => UdpTransport.open(options),
      takePlace: () => {
        if (this.#sessions >= MAX_SESSIONS) return false;
        this.#sessions++;
        return true;
      },
      leavePlace: () => {
        this.#sessions--;
      },
    });
    this.#connections.set(socket, connection);
    socket.on('data', (chunk) => connection.received(chunk));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      this.#connections.delete(socket);
      connection.close();
    });
  }
}

function peerOf(socket: Socket): Peer {
  const plain = (address: string | undefined) => (address ?? '0.0.0.0').replace(/^::ffff:(?=\d+\.)/i, '');
  return {
    address: plain(socket.remoteAddress),
    localAddress: plain(socket.localAddress),
    write: (bytes, done) => {
      if (socket.writable) socket.write(bytes, () => done());
      else done();
    },
    close: () => {
      socket.destroySoon();
      setTimeout(() => socket.destroy(), LAST_WORDS).unref();
    },
  };
}
