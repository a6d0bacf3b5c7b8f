/** One message of two buffers, without putting them together first. */

/** What is used of a WebSocket (of `ws`). */
export interface FragmentingSocket {
  send(data: Buffer, options: { binary: true; fin: boolean }): void;
}

/** What is used of the connection below it. */
export interface CorkedConnection {
  cork(): void;
  uncork(): void;
}

/**
 * Sends a binary message as two fragments (RFC 6455 §5.4), by one write. The second may be what others are sent too: pictures are
 * kilobytes, and a copy for each viewer to put his header before it costs as much as everything else that is done for him here.
 */
export function sendTwoParts(
  socket: FragmentingSocket,
  connection: CorkedConnection,
  first: Buffer,
  second: Buffer,
): void {
  connection.cork();
  socket.send(first, { binary: true, fin: false });
  socket.send(second, { binary: true, fin: true });
  connection.uncork();
}
