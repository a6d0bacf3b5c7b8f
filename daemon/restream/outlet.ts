/** The two ways of a session's packets to its client: interleaved in its connection, or UDP. */
import type { UdpTransport } from '../rtsp/udpTransport.ts';
import { Backlog } from './backlog.ts';

/** A client's TCP connection. */
export interface Peer {
  /** Plain, IPv4 as such. */
  readonly address: string;
  /** Ours on this connection. */
  readonly localAddress: string;
  /** `done`: it was handed to the kernel, or never will be. */
  write(bytes: Buffer, done: () => void): void;
  /** After what was written. */
  close(): void;
}

export interface Outlet {
  /** Whether the client is near enough to be sent the next picture. `burst`: of the group that it begins with. */
  takes(key: boolean, burst: boolean): boolean;
  /** The RTP packets of one picture. */
  send(packets: readonly Buffer[], burst: boolean): void;
  /** An RTCP packet. */
  control(packet: Buffer): void;
  /** @param last an RTCP packet that still leaves */
  close(last: Buffer | undefined): void;
}

/** RFC 2326 §10.12. */
export class InterleavedOutlet implements Outlet {
  readonly #peer: Peer;
  readonly #channels: { readonly rtp: number; readonly rtcp: number };
  readonly #backlog = new Backlog();
  readonly #taken: () => void;

  /** @param taken the client took a picture: it lives, whether or not it sends anything */
  constructor(peer: Peer, channels: { readonly rtp: number; readonly rtcp: number }, taken: () => void) {
    this.#peer = peer;
    this.#channels = channels;
    this.#taken = taken;
  }

  takes(key: boolean, burst: boolean): boolean {
    return this.#backlog.takes(key, burst, performance.now());
  }

  send(packets: readonly Buffer[], burst: boolean): void {
    const bytes = this.#frames(this.#channels.rtp, packets);
    this.#backlog.add(bytes.length, burst, performance.now());
    this.#peer.write(bytes, () => {
      this.#backlog.gone();
      this.#taken();
    });
  }

  control(packet: Buffer): void {
    // Behind pictures that do not get through a report says nothing true.
    if (this.#backlog.bytes === 0) this.#peer.write(this.#frames(this.#channels.rtcp, [packet]), () => {});
  }

  close(last: Buffer | undefined): void {
    if (last) this.control(last);
  }

  #frames(channel: number, packets: readonly Buffer[]): Buffer {
    const head = ({ length }: Buffer) => Buffer.from([0x24, channel, length >> 8, length & 0xff]);
    return Buffer.concat(packets.flatMap((packet) => [head(packet), packet]));
  }
}

/** Packets that leave at once, and how long (ms) the next ones wait: 180 Mbit/s, which receivers with small buffers survive. */
const PACE = { packets: 32, interval: 2 };

/** Sent and forgotten, but not all at once: a group of pictures at the speed of our network card overruns a client's buffer. */
export class UdpOutlet implements Outlet {
  readonly #udp: UdpTransport;
  readonly #backlog = new Backlog();
  #queue: { readonly packet: Buffer; readonly last: boolean }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(udp: UdpTransport) {
    this.#udp = udp;
  }

  takes(key: boolean, burst: boolean): boolean {
    return this.#backlog.takes(key, burst, performance.now());
  }

  send(packets: readonly Buffer[], burst: boolean): void {
    const bytes = packets.reduce((sum, { length }) => sum + length, 0);
    this.#backlog.add(bytes, burst, performance.now());
    for (const [i, packet] of packets.entries()) this.#queue.push({ packet, last: i === packets.length - 1 });
    if (this.#timer === undefined) this.#some();
  }

  #some(): void {
    this.#timer = undefined;
    // What the kernel does not take is kept by Node without bound: wait instead.
    const free = this.#udp.unsent === 0 ? PACE.packets : 0;
    for (const { packet, last } of this.#queue.splice(0, free)) {
      this.#udp.sendRtp(packet);
      if (last) this.#backlog.gone();
    }
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#some(), PACE.interval);
  }

  control(packet: Buffer): void {
    this.#udp.sendRtcp(packet);
  }

  close(last: Buffer | undefined): void {
    clearTimeout(this.#timer);
    this.#queue = [];
    if (last) this.#udp.sendRtcp(last, () => this.#udp.close());
    else this.#udp.close();
  }
}
