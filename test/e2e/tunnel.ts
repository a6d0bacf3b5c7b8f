import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Tunnel {
  url: string;
  /** Resets the connections whose request line contains the text. Answers how many. */
  cut(request: string): number;
  close(): Promise<void>;
}

/**
 * A way to the daemon over other addresses, as an SSH tunnel is one, whose connections a test can cut.
 * @param addresses how many loopback addresses it has: 127.0.0.1, 127.0.0.2, …
 */
export async function openTunnel(target: number, addresses: number): Promise<Tunnel> {
  const open = new Map<Socket, string>();
  const forward = (near: Socket) => {
    const far = connect(target, '127.0.0.1');
    open.set(near, '');
    near.once('data', (head: Buffer) => open.set(near, head.toString('latin1').split('\r\n', 1)[0] ?? ''));
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        other.destroy();
        open.delete(near);
      });
    }
  };
  const servers: Server[] = [];
  let port = 0;
  for (let i = 1; i <= addresses; i++) {
    const server = createServer(forward);
    server.listen(port, `127.0.0.${i}`);
    await once(server, 'listening');
    servers.push(server);
    port = (server.address() as { port: number }).port;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    cut(request) {
      const found = [...open].filter(([, line]) => line.includes(request));
      for (const [socket] of found) socket.resetAndDestroy();
      return found.length;
    },
    async close() {
      for (const socket of open.keys()) socket.destroy();
      for (const server of servers) {
        server.close();
        await once(server, 'close');
      }
    },
  };
}
