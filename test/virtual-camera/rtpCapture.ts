/**
 * Takes the RTP packets that ffmpeg's own muxer makes, all of them and at any speed: ffmpeg pushes to this one-shot
 * RTSP server (ANNOUNCE, RECORD) over TCP, so the socket's flow control stands where UDP would lose packets.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { formatAnswer, RtspReader, type RtspRequest } from './rtspMessage.ts';

export interface Capture {
  /** The session description that ffmpeg announced. */
  readonly sdp: string;
  /** RTP packets of the one stream in the order sent. */
  readonly packets: readonly Buffer[];
}

export interface CaptureServer {
  /** Where ffmpeg is to push to. */
  readonly url: string;
  /** What had come when the pusher tore its session down; rejects when it never did. */
  readonly captured: Promise<Capture>;
  close(): void;
}

/** Listens on a free loopback port for one pusher. */
export async function captureRtp(): Promise<CaptureServer> {
  const { promise, resolve, reject } = Promise.withResolvers<Capture>();
  promise.catch(() => {});
  const server = createServer((socket) => {
    server.close();
    receive(socket, resolve, reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `rtsp://127.0.0.1:${port}/clip`, captured: promise, close: () => server.close() };
}

function receive(socket: Socket, resolve: (capture: Capture) => void, reject: (error: Error) => void): void {
  const reader = new RtspReader();
  const packets: Buffer[] = [];
  let sdp = '';
  socket.on('data', (chunk) => {
    const understood = reader.push(chunk, (message) => {
      if (message.kind === 'request') {
        if (message.method === 'ANNOUNCE') sdp = message.body.toString('utf8');
        // ffmpeg hangs up without waiting for this answer, so it would only bring a reset.
        if (message.method === 'TEARDOWN') resolve({ sdp, packets });
        else socket.write(answerTo(message));
      } else if (message.kind === 'interleaved' && message.channel === 0) {
        // The chunk's memory would stay alive with it otherwise.
        packets.push(Buffer.from(message.payload));
      }
    });
    if (!understood) socket.destroy(new Error('ffmpeg sent what is not RTSP'));
  });
  socket.on('error', reject);
  socket.on('close', () => {
    reject(new Error(`ffmpeg's push ended after ${packets.length} RTP packets without TEARDOWN`));
  });
}

function answerTo(request: RtspRequest): Buffer {
  const headers: [string, string][] = [
    ['CSeq', request.headers.get('cseq') ?? '0'],
    ['Session', '1'],
  ];
  if (request.method === 'OPTIONS') headers.push(['Public', 'ANNOUNCE, SETUP, RECORD, TEARDOWN']);
  if (request.method === 'SETUP')
    headers.push(['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1;mode=record']);
  return formatAnswer('RTSP/1.0 200 OK', headers);
}
