/** The UDP socket of one IPv4 address. README, cases 1–4 and 20. */
import { createSocket } from 'node:dgram';
import type { Ipv4Network } from './ipv4.ts';

/** Home Assistant's value; 1 would do on one segment, routers with IGMP proxies want more. */
const MULTICAST_TTL = 4;
const RECEIVE_BUFFER = 1024 * 1024;

export interface ProbeSocket {
  readonly network: Ipv4Network;
  /** Multicast goes out of this address's interface. Calls back through `problem` when the kernel refuses. */
  send(message: string, port: number, host: string): void;
  close(): Promise<void>;
}

/**
 * Opens a socket bound to the address, on a port that the kernel chooses, since one that stays open for the whole
 * search gets late answers too. It joins no group: replies are unicast, and with IGMP snooping a joined
 * 239.255.255.250 made several makes' answers vanish (python-ws-discovery#40).
 * Never rejects: `problem` gets one sentence and the result is undefined.
 */
export async function openProbeSocket(
  network: Ipv4Network,
  message: (data: Uint8Array, address: string) => void,
  problem: (text: string) => void,
): Promise<ProbeSocket | undefined> {
  const socket = createSocket('udp4');
  const where = `${network.name} (${network.address})`;
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, network.address, resolve);
    });
    socket.setMulticastInterface(network.address);
    socket.setMulticastTTL(MULTICAST_TTL);
  } catch (error) {
    problem(`${where}: cannot be searched: ${reason(error)}`);
    socket.on('error', () => {});
    socket.close();
    return undefined;
  }
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // A smaller buffer only loses answers of a burst, and the probe is repeated.
  }
  let open = true;
  socket.removeAllListeners('error');
  socket.on('error', (error) => problem(`${where}: ${reason(error)}`));
  socket.on('message', (data, remote) => message(data, remote.address));
  return {
    network,
    send(text, port, host) {
      if (!open) return;
      socket.send(text, port, host, (error) => {
        if (error) problem(`${where}: cannot send to ${host}: ${reason(error)}`);
      });
    },
    close() {
      if (!open) return Promise.resolve();
      open = false;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? String(error);
}
