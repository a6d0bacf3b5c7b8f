/** Viewers of JPEGs without a browser, in a process of their own: plain sockets that read, take apart and count. */
import { get, type IncomingMessage } from 'node:http';
import { JpegSplitter } from '../../daemon/jpeg/jpegSplitter.ts';
import { TILE } from './bareFfmpeg.ts';
import { answerQuestions } from './child.ts';
import { CountedSocket } from './countedSocket.ts';
import { LiveViewer } from './liveViewer.ts';
import { joinPieces } from './r1/pieces.ts';

export interface OpenJpegViewers {
  /** multipart over HTTP, our live socket, or base64 in pieces. */
  kind: 'multipart' | 'live' | 'pieces';
  /** Of the pictures; for `live` of the daemon. */
  url: string;
  count: number;
  /** For `live`. */
  stream?: string;
}
export interface JpegCounts {
  pictures: number;
  /** Bytes of the pictures alone. */
  jpegBytes: number;
  /** Bytes of the connections, both ways, without the headers of TCP and IP. */
  wire: number;
}
export interface JpegViewersAnswers {
  open: undefined;
  counts: JpegCounts;
  close: undefined;
}

interface Viewer {
  pictures: number;
  jpegBytes: number;
  readonly wire: number;
  readonly open: boolean;
  close(): void;
}
let viewers: Viewer[] = [];

answerQuestions({
  open: async ({ kind, url, count, stream = '' }: OpenJpegViewers) => {
    const open = {
      multipart: () => multipart(url),
      live: () => live(url, stream),
      pieces: () => pieces(url),
    }[kind];
    for (let i = 0; i < count; i++) viewers.push(await open());
    for (let waited = 0; viewers.some(({ pictures }) => pictures === 0); waited += 100) {
      if (waited > 30_000) throw new Error(`${kind}: not every viewer of ${url} got a picture in 30 s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  counts: (): JpegCounts => {
    if (!viewers.every(({ open }) => open)) throw new Error('the server left a viewer');
    const sum = (of: (viewer: Viewer) => number) => viewers.reduce((all, viewer) => all + of(viewer), 0);
    return {
      pictures: sum(({ pictures }) => pictures),
      jpegBytes: sum(({ jpegBytes }) => jpegBytes),
      wire: sum(({ wire }) => wire),
    };
  },
  close: () => {
    for (const viewer of viewers) viewer.close();
    viewers = [];
  },
});

async function multipart(url: string): Promise<Viewer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, { agent: false }, resolve).on('error', reject);
  const response = await promise;
  if (response.statusCode !== 200) throw new Error(`${url}: status ${response.statusCode}`);
  const { socket } = response;
  const viewer = {
    pictures: 0,
    jpegBytes: 0,
    get wire() {
      return socket.bytesRead + socket.bytesWritten;
    },
    get open() {
      return !response.closed;
    },
    close: () => void response.destroy(),
  };
  const splitter = new JpegSplitter();
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    for (const jpeg of splitter.push(chunk)) count(viewer, jpeg);
  });
  return viewer;
}

async function live(url: string, stream: string): Promise<Viewer> {
  const socket = new LiveViewer(url, ({ kind, payload }) => kind === 'jpeg' && count(viewer, payload));
  const viewer = onSocket(socket);
  await socket.opened();
  socket.say({ type: 'open', tile: 1, stream, formats: ['jpeg'], ...TILE });
  return viewer;
}

/** What the page of the reference does, without showing anything. */
async function pieces(url: string): Promise<Viewer> {
  const socket = new CountedSocket(url);
  const viewer = onSocket(socket);
  const join = joinPieces((base64) => count(viewer, Buffer.from(base64, 'base64')));
  socket.socket.on('message', (data: Buffer) => join(String(data)));
  await socket.opened();
  return viewer;
}

function onSocket(socket: CountedSocket): Viewer {
  return {
    pictures: 0,
    jpegBytes: 0,
    get wire() {
      return socket.wire;
    },
    get open() {
      return socket.open;
    },
    close: () => socket.close(),
  };
}

function count(viewer: Viewer, jpeg: Buffer): void {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new Error('that is no JPEG');
  viewer.pictures++;
  viewer.jpegBytes += jpeg.length;
}
