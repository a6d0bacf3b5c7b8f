/** RTP and RTCP of a multicast group (RFC 2326 §12.39, RFC 1112): many boxes watch, the camera sends once. */
import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { bindSocket, closeSocket, listenTo } from './udpSockets.ts';

export interface MulticastGroup {
  readonly address: string;
  readonly ports: { readonly rtp: number; readonly rtcp: number };
}

export interface MulticastOptions {
  readonly group: MulticastGroup;
  /** Our address on the way to the camera: the group is joined on its network. */
  readonly localAddress: string;
  /** Whose datagrams are taken: the camera's address, and what it calls the source. */
  readonly senders: readonly string[];
  readonly rtp: (datagram: Buffer) => void;
  readonly rtcp: (datagram: Buffer) => void;
}

/** Whether it is the address of a group: 224.0.0.0/4, ff00::/8. */
export function isMulticast(address: string): boolean {
  const first = Number(/^(\d+)\./.exec(address)?.[1]);
  return isIP(address) === 4 ? first >= 224 && first <= 239 : isIPv6(address) && /^ff/i.test(address);
}

export class MulticastTransport {
  readonly #sockets: readonly Socket[];
  readonly #group: MulticastGroup;

  private constructor(sockets: readonly Socket[], group: MulticastGroup) {
    this.#sockets = sockets;
    this.#group = group;
  }

  /** Joins the group. Rejects with the system's error. */
  static async open({
    group,
    localAddress,
    senders,
    rtp,
    rtcp,
  }: MulticastOptions): Promise<MulticastTransport> {
    const type = isIP(group.address) === 6 ? 'udp6' : 'udp4';
    const sockets: Socket[] = [];
    try {
      for (const [port, deliver] of [
        [group.ports.rtp, rtp],
        [group.ports.rtcp, rtcp],
      ] as const) {
        // Others on this machine may listen to the group as well.
        const socket = createSocket({ type, reuseAddr: true });
        sockets.push(socket);
        // To the group's address: bound to any, the socket would be given what is sent to other groups with this port.
        await bindSocket(socket, { port, address: group.address });
        socket.addMembership(group.address, localAddress);
        socket.setMulticastInterface(localAddress);
        listenTo(socket, new Set(senders), deliver);
      }
    } catch (error) {
      sockets.forEach(closeSocket);
      throw error;
    }
    return new MulticastTransport(sockets, group);
  }

  /** A receiver report to the group, as RFC 3550 §6.2 has it; one hop far, the default. */
  sendRtcp(packet: Buffer): void {
    this.#sockets[1]?.send(packet, this.#group.ports.rtcp, this.#group.address, () => {});
  }

  close(): void {
    this.#sockets.forEach(closeSocket);
  }
}
