import type { Server } from 'node:http';
import { createServer } from 'node:net';
import type { Logger } from 'pino';
import { isLoopbackPeer } from './guard.ts';

/**
 * How many loopback addresses the wall may spread its pictures over: 127.0.0.1 … 127.0.0.32. Chromium opens at most
 * six HTTP/1.1 connections to one host and port, and sixteen tiles are sixteen responses without an end.
 */
export const LOOPBACK_SHARDS = 32;

/**
 * Lets a server that listens on 127.0.0.1 answer on the other shard addresses too, and one that listens on an address of
 * the network on all of them, for the box's own screen and commands. A Node server listens once, so small ones hand their
 * connections to it. An address that cannot be had is left out; the wall tries each before it relies on it.
 *
 * @returns closes the additional sockets; the connections are the server's own
 */
export async function listenOnShards(server: Server, log: Logger): Promise<() => void> {
  const address = server.address();
  if (address === null || typeof address === 'string') return () => {};
  const { port } = address;
  const doors = shardsBeside(address.address).map((host) => ({
    host,
    // As node:http sets up its own sockets.
    door: createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket)),
  }));
  const missing: string[] = [];
  await Promise.all(
    doors.map(({ host, door }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      door.on('error', (error: NodeJS.ErrnoException) => {
        if (!door.listening) missing.push(`${host} (${error.code})`);
        resolve();
      });
      door.listen({ host, port }, resolve);
      return promise;
    }),
  );
  if (missing.length > 0)
    log.warn({ missing }, 'the wall has fewer loopback addresses to spread its pictures over');
  return () => {
    for (const { door } of doors) if (door.listening) door.close();
  };
}

function shardsBeside(address: string): string[] {
  const all = Array.from({ length: LOOPBACK_SHARDS }, (_, index) => `127.0.0.${index + 1}`);
  if (address === '127.0.0.1') return all.slice(1);
  // All addresses includes all of ours; on another loopback address somebody wants to be alone.
  const none = address === '0.0.0.0' || address === '::' || isLoopbackPeer(address);
  return none ? [] : all;
}
