/**
 * The reference's streaming methods, rebuilt: a program of its own, so that its CPU can be counted with its children's. It is
 * kinder than the original, which is Python and OpenCV: ffmpeg has the options that cost it least, and Node copies less.
 *
 *   node test/bench/r1/server.ts '{"decode":"shared","clients":4,"profile":"main","rtsp":"rtsp://…"}'
 *
 * `/video`: M-JPEG, each viewer an ffmpeg of his own. `/pieces`: a WebSocket of base64 in pieces; with `decode` `shared` one
 * ffmpeg decodes and scales for all and encodes for each client, with `each` every client has all of it for himself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { Readable } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { findFfmpeg } from '../../../daemon/decode/ffmpegChoice.ts';
import { JpegSplitter } from '../../../daemon/jpeg/jpegSplitter.ts';
import { bareFfmpegArgs, bareParts } from '../bareFfmpeg.ts';
import { r1Page } from './page.ts';
import { toPieces } from './pieces.ts';

export interface R1Options {
  decode: 'shared' | 'each';
  /** Where decoding is shared: the most that there will be. */
  clients: number;
  profile: 'main' | 'sub';
  rtsp: string;
}

/** Bytes that may wait for a client; then pictures are left out. The original sets no bound. */
const MOST_WAITING = 4 * 1024 * 1024;

const options = JSON.parse(process.argv[2] ?? '') as R1Options;
const binary = await findFfmpeg({});
const camera = { ffmpeg: binary, profile: options.profile, rtsp: options.rtsp, tuned: true };
const children = new Set<ChildProcess>();
const quit = () => {
  for (const child of children) child.kill('SIGKILL');
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, quit);
process.stdin.on('close', quit).resume();

function ffmpeg(args: readonly string[], outputs = 1): ChildProcess {
  const more = Array.from({ length: outputs - 1 }, () => 'pipe' as const);
  const child = spawn(binary.path, args, { stdio: ['ignore', 'pipe', 'inherit', ...more] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://r1');
  if (url.pathname === '/video') {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=ffmpeg' });
    const args = bareFfmpegArgs(camera);
    const child = ffmpeg([...args.slice(0, -2), 'mpjpeg', 'pipe:1']);
    child.stdout?.pipe(response);
    response.on('close', () => child.kill('SIGKILL'));
  } else if (url.pathname === '/') {
    const kind = url.searchParams.get('kind') === 'multipart' ? 'multipart' : 'pieces';
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(r1Page(kind, Number(url.searchParams.get('tiles') ?? 4)));
  } else response.writeHead(404).end();
});

/** Where decoding is shared: who gets the pictures of which output. */
const seats: (WebSocket | undefined)[] = [];

new WebSocketServer({ server, path: '/pieces' }).on('connection', (socket) => {
  socket.on('error', () => {});
  if (options.decode === 'each') {
    const child = ffmpeg(bareFfmpegArgs(camera));
    sendPictures(child.stdout!, () => socket);
    socket.on('close', () => child.kill('SIGKILL'));
    return;
  }
  if (seats.length === 0) startShared();
  const seat = seats.indexOf(undefined);
  if (seat < 0) return socket.close();
  seats[seat] = socket;
  socket.on('close', () => {
    seats[seat] = undefined;
  });
});

/** One decoder and scaler, and an encoder for each client. */
function startShared(): void {
  const { clients } = options;
  const { input, filters, encoder } = bareParts(camera);
  const names = Array.from({ length: clients }, (_, i) => `[o${i}]`);
  const graph = `[0:v]${filters},split=${clients}${names.join('')}`;
  const pipes = names.map((_, i) => (i === 0 ? 1 : i + 2));
  const outputs = names.flatMap((name, i) => ['-map', name, ...encoder, '-f', 'mjpeg', `pipe:${pipes[i]}`]);
  const child = ffmpeg([...input, '-filter_complex', graph, ...outputs], clients);
  for (const [i, pipe] of pipes.entries()) {
    seats.push(undefined);
    sendPictures(child.stdio[pipe] as Readable, () => seats[i]);
  }
}

function sendPictures(output: Readable, receiver: () => WebSocket | undefined): void {
  const splitter = new JpegSplitter();
  let id = 0;
  output.on('data', (chunk: Buffer) => {
    for (const jpeg of splitter.push(chunk)) {
      const socket = receiver();
      if (!socket || socket.bufferedAmount > MOST_WAITING) continue;
      for (const piece of toPieces(++id, jpeg)) socket.send(piece);
    }
  });
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
