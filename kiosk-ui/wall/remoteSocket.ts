import type { LiveSocket } from '../player/liveSocket.ts';

let socket: Promise<LiveSocket> | undefined;

/** The page's live socket, loaded and opened when it is needed first: for pictures elsewhere, for sound on the box's own screen too. */
export function remoteSocket(): Promise<LiveSocket> {
  socket ??= import('../player/liveSocket.ts').then(({ LiveSocket }) => new LiveSocket());
  // Without a network the code may come later.
  socket.catch(() => {
    socket = undefined;
  });
  return socket;
}
