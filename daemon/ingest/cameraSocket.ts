/** The connection beneath RTSP and HTTP: TCP, or TLS on it. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { IngestError } from './ingestError.ts';
import { into } from './readMemory.ts';
import type { SourceUrl } from './sourceUrl.ts';

/**
 * Cameras sign their certificates themselves, so none can be verified; but one that was seen can be known again.
 *
 * @param place `host:port` @param certificate SHA-256 of it, hexadecimal, lower case
 * @returns the one that the camera had until now, where it is another: nothing is sent to who shows this one. undefined: trusted
 */
export type JudgeCertificate = (place: string, certificate: string) => string | undefined;

/** What an RTSP connection needs of what is beneath it. */
export interface RtspWire {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly writable: boolean;
  /** Bytes that were not sent yet. */
  readonly writableLength: number;
  write(bytes: Buffer): unknown;
  destroy(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

export interface SocketOptions {
  url: SourceUrl;
  /** Milliseconds. */
  connectTimeout: number;
  judge?: JudgeCertificate | undefined;
}

/**
 * @param received the next bytes, which are gone when it returns; none before this resolves. undefined: the socket is read as any other
 * @throws IngestError 'unreachable', 'certificate', or the signal's reason
 */
export async function openSocket(
  { url, connectTimeout, judge }: SocketOptions,
  received: ((bytes: Buffer) => void) | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const { host, port, secure } = url;
  const place = `${host}:${port}`;
  const reading = received && { onread: into(received) };
  const target = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000, ...reading };
  const socket = secure ? connectTls({ ...target, ...OLD_TLS, ...nameOf(host) }) : connectTcp(target);
  const ready = secure ? 'secureConnect' : 'connect';
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off(ready, connected).off('error', failed);
      if (error === undefined) return resolve();
      socket.on('error', () => {}); // late news of an attempt that was given up
      socket.destroy();
      reject(error);
    };
    const aborted = () => settle(signal.reason);
    const connected = () => {
      try {
        settle(secure ? distrust(socket as TLSSocket, place, judge) : undefined);
      } catch (error) {
        // It could not be written down: the box's disk is full.
        settle(error);
      }
    };
    const failed = (cause: NodeJS.ErrnoException) => {
      const message = `the camera cannot be reached: ${cause.code ?? cause.message}`;
      settle(new IngestError('unreachable', message, { place, cause }));
    };
    const timer = setTimeout(
      () => settle(new IngestError('unreachable', 'the camera does not answer', { place })),
      connectTimeout,
    );
    signal.addEventListener('abort', aborted, { once: true });
    socket.on(ready, connected).on('error', failed);
  });
  return socket;
}

/** Its number in this process; undefined: it is closed. Node has no name of its own for it. */
export function descriptorOf(socket: Socket): number | undefined {
  return (socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd;
}

/** Cameras of 2012 know TLS 1.0, keys of 1024 bits and SHA-1: better than none, and who they are is told by their certificate. */
const OLD_TLS = {
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
} as const;

/** RFC 6066 §3: no addresses. */
function nameOf(host: string): { servername: string } {
  return { servername: isIP(host) ? '' : host };
}

function distrust(
  socket: TLSSocket,
  place: string,
  judge: JudgeCertificate | undefined,
): IngestError | undefined {
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  if (shown === undefined)
    return new IngestError('certificate', 'the camera shows no certificate', { place });
  const certificate = shown.replaceAll(':', '').toLowerCase();
  const known = judge?.(place, certificate);
  if (known === undefined) return undefined;
  const message = `the camera shows another certificate than before: ${certificate}, not ${known}`;
  return new IngestError('certificate', message, { place });
}
