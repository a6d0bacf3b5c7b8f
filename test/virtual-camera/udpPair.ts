/** The two UDP sockets of a camera host, RTP on an even port and RTCP on the next (RFC 3550 §11). */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface UdpPair {
  readonly ports: readonly [number, number];
  sendRtp(packet: Buffer, port: number, host: string): void;
  sendRtcp(packet: Buffer, port: number, host: string): void;
  close(): void;
}

const TRIES = 60;

/**
 * @param rtcp called with what clients send to the RTCP port
 * @throws Error when no free even port with a free neighbour was found
 */
export async function openUdpPair(
  host: string,
  rtcp: (packet: Buffer, host: string, port: number) => void,
): Promise<UdpPair> {
  for (let i = 0; i < TRIES; i++) {
    const rtpSocket = await bind(host, 0);
    const port = rtpSocket?.address().port ?? 1;
    const rtcpSocket = port % 2 === 0 ? await bind(host, port + 1) : undefined;
    if (!rtpSocket || !rtcpSocket) {
      rtpSocket?.close();
      continue;
    }
    rtcpSocket.on('message', (packet, from) => rtcp(packet, from.address, from.port));
    // Clients punch holes into their firewalls; that comes here and means nothing.
    rtpSocket.on('message', () => {});
    for (const socket of [rtpSocket, rtcpSocket]) socket.on('error', () => {});
    const ignore = () => {};
    let open = true;
    return {
      ports: [port, port + 1],
      // Late packets may come after the end of the session.
      sendRtp: (packet, to, address) => open && rtpSocket.send(packet, to, address, ignore),
      sendRtcp: (packet, to, address) => rtcpSocket.send(packet, to, address, ignore),
      close: () => {
        open = false;
        rtpSocket.close();
        rtcpSocket.close();
      },
    };
  }
  throw new Error(`no free pair of UDP ports on ${host}`);
}

async function bind(host: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}
