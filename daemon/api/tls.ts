import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Certificate } from '../schema.ts';
import type { Certificates } from '../system/certificate.ts';
import type { Fault } from '../system/certificateCheck.ts';

/** HTTPS as the API knows it. */
export interface Tls {
  /** Peers other than this machine must use it. */
  readonly required: boolean;
  readonly port: number;
  /** SHA-256 of the certificate, pairs of hexadecimal digits. */
  readonly fingerprint: string;
  describe(): Certificate;
  /** Takes the site's certificate at once. Answers what is wrong with it, or undefined. */
  replace(certificate: string, privateKey: string): Fault | undefined;
  /** Back to the box's own. */
  reset(): void;
}

const MAX_CONNECTIONS = 1_000;
/** Milliseconds that a peer may take to agree on keys. */
const HANDSHAKE_TIMEOUT = 10_000;

/**
 * HTTPS for a server that speaks HTTP: decrypts, and hands each connection to that server, whose limits, time-outs and
 * closing are thereby those of HTTPS too. Requests, M-JPEG and WebSockets need to know nothing of it.
 */
export class SecureDoor implements Tls {
  readonly required: boolean;
  readonly #certificates: Certificates;
  readonly #log: Logger;
  /** Not agreed on keys yet: close() would wait for them. */
  readonly #knocking = new Map<string, Socket>();
  #door: TlsServer | undefined;
  #port = 0;

  constructor(certificates: Certificates, options: { required: boolean; log: Logger }) {
    this.#certificates = certificates;
    this.required = options.required;
    this.#log = options.log;
  }

  get port(): number {
    return this.#port;
  }

  get fingerprint(): string {
    return this.#certificates.fingerprint;
  }

  /** @param port 0: the kernel chooses. @throws the system's error when nothing can listen there */
  async listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
    const { cert, key } = this.#certificates.current;
    const door = createServer({
      cert,
      key,
      minVersion: 'TLSv1.2',
      // No HTTP/2: the server behind speaks HTTP/1.1.
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: HANDSHAKE_TIMEOUT,
      noDelay: true,
    });
    door.maxConnections = MAX_CONNECTIONS;
    door.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.#knocking.set(peer, socket);
      socket.once('close', () => {
        if (this.#knocking.get(peer) === socket) this.#knocking.delete(peer);
      });
    });
    door.on('secureConnection', (secure: TLSSocket) => {
      this.#knocking.delete(peerOf(secure));
      server.emit('connection', secure);
    });
    // Port scanners, and browsers that do not trust the certificate yet.
    door.on('tlsClientError', (error, socket) => {
      this.#log.debug({ err: error }, 'a TLS handshake failed');
      socket.destroy();
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    door.once('error', reject);
    door.listen({ host, port }, resolve);
    await promise;
    door.on('error', (error) => this.#log.error({ err: error }, 'HTTPS failed'));
    this.#certificates.subscribe((pair) =>
      door.setSecureContext({ cert: pair.cert, key: pair.key, minVersion: 'TLSv1.2' }),
    );
    this.#door = door;
    this.#port = (door.address() as { port: number }).port;
  }

  /** No new connections; those that are open are the server's to close. */
  close(): void {
    this.#door?.close();
    for (const socket of this.#knocking.values()) socket.destroy();
  }

  describe(): Certificate {
    return { enabled: this.#door !== undefined, port: this.#port, ...this.#certificates.facts() };
  }

  replace(certificate: string, privateKey: string): Fault | undefined {
    return this.#certificates.replace(certificate, privateKey);
  }

  reset(): void {
    this.#certificates.reset();
  }
}

/** Node gives the decrypted socket no way back to the one below it. */
const peerOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`;
