/** What the UDP sockets of a session have in common, whether they are its own or a group's. */
import type { BindOptions, RemoteInfo, Socket } from 'node:dgram';

/** Room for a key frame's burst while the event loop is busy; the kernel grants at most `net.core.rmem_max`. */
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;

/** IPv4 in IPv6 form (`::ffff:10.0.0.5`) and plain IPv4 are the same sender. */
export const plainAddress = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');

export function bindSocket(socket: Socket, where: BindOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(where, () => {
      socket.removeListener('error', reject);
      resolve();
    });
  });
}

export function closeSocket(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // closed already
  }
}

/** Hands on the datagrams of these senders. The source port is not checked: cameras send from ports other than server_port (case 53). */
export function listenTo(
  socket: Socket,
  senders: ReadonlySet<string>,
  deliver: (datagram: Buffer) => void,
): void {
  // ICMP "connection refused" after hole punching, before the camera has opened its ports: not a fault (case 53).
  // Whether the stream lives is judged by its packets.
  socket.on('error', () => {});
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // a smaller buffer works, with more loss under load
  }
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    if (senders.has(plainAddress(from.address))) deliver(datagram);
  });
}
