/** RTP and RTCP over a pair of UDP sockets (RFC 3550 §11: even and odd port; case 53). */
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { bindSocket, closeSocket, listenTo, plainAddress } from './udpSockets.ts';

const MAX_PAIR_TRIES = 64;

export interface UdpTransportOptions {
  /** Our address on the way to the other side, a camera or a client; the sockets listen there only. */
  localAddress: string;
  /** The other side's address. Datagrams of others are dropped. */
  remoteAddress: string;
  rtp: (datagram: Buffer) => void;
  rtcp: (datagram: Buffer) => void;
}

/** A pair of bound sockets for one stream. `close` it when the session ends. */
export class UdpTransport {
  /** Even and odd, for `client_port` of SETUP, or `server_port` of its answer. */
  readonly ports: { readonly rtp: number; readonly rtcp: number };
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #senders: Set<string>;
  #target: { address: string; rtp: number; rtcp: number } | undefined;
  #closed = false;

  /** Binds the pair. Rejects with the system's error where no pair of ports is free. */
  static async open(options: UdpTransportOptions): Promise<UdpTransport> {
    const type = isIP(options.localAddress) === 6 ? 'udp6' : 'udp4';
    let failure: unknown;
    for (let tries = 0; tries < MAX_PAIR_TRIES; tries++) {
      const first = createSocket(type);
      const second = createSocket(type);
      try {
        await bindSocket(first, { port: 0, address: options.localAddress, exclusive: true });
        const port = first.address().port;
        await bindSocket(second, { port: port ^ 1, address: options.localAddress, exclusive: true });
        return port % 2 === 0
          ? new UdpTransport(options, first, second)
          : new UdpTransport(options, second, first);
      } catch (error) {
        failure = error; // the neighbour is taken: draw another port
        closeSocket(first);
        closeSocket(second);
      }
    }
    throw failure;
  }

  private constructor(options: UdpTransportOptions, rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.ports = { rtp: rtp.address().port, rtcp: rtcp.address().port };
    this.#senders = new Set([plainAddress(options.remoteAddress)]);
    const take = (deliver: (datagram: Buffer) => void) => (datagram: Buffer) => {
      if (!this.#closed) deliver(datagram);
    };
    listenTo(rtp, this.#senders, take(options.rtp));
    listenTo(rtcp, this.#senders, take(options.rtcp));
  }

  /** Where to send to, after SETUP was answered. `source`: an address in the answer that packets may come from as well. */
  setTarget(target: { address: string; rtp: number; rtcp: number }, source: string | undefined): void {
    this.#target = target;
    if (source !== undefined && isIP(source) !== 0) this.#senders.add(plainAddress(source));
  }

  /** Opens the way through NAT and stateful firewalls: something from each of our ports to each of theirs. */
  punch(rtp: Buffer, rtcp: Buffer): void {
    this.#send(this.#rtp, rtp, this.#target?.rtp);
    this.#send(this.#rtcp, rtcp, this.#target?.rtcp);
  }

  sendRtp(packet: Buffer): void {
    this.#send(this.#rtp, packet, this.#target?.rtp);
  }

  /** Receiver reports must leave from the RTCP socket (case 53). `done`: it has left, or never will. */
  sendRtcp(packet: Buffer, done?: () => void): void {
    this.#send(this.#rtcp, packet, this.#target?.rtcp, done);
  }

  /** Bytes of RTP that the kernel has not taken yet. */
  get unsent(): number {
    return this.#closed ? 0 : this.#rtp.getSendQueueSize();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSocket(this.#rtp);
    closeSocket(this.#rtcp);
  }

  #send(socket: Socket, packet: Buffer, port: number | undefined, done: () => void = () => {}): void {
    if (this.#closed || this.#target === undefined || port === undefined) done();
    else socket.send(packet, port, this.#target.address, () => done()); // the callback takes the error, see above
  }
}
