/** RTP as ffmpeg sends it: real packets for our tests, over a loopback socket. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';
import installer from '@ffmpeg-installer/ffmpeg';

export const FFMPEG = spawnSync('ffmpeg', ['-version']).status === 0 ? 'ffmpeg' : installer.path;

const run = promisify(execFile);

/** Runs ffmpeg to its end; rejects with its messages where it fails. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await run(FFMPEG, ['-nostdin', '-v', 'error', '-y', ...args]);
}

/** Decodes Annex B: how many pictures come out, and what ffmpeg complains of. */
export async function decode(
  stream: Buffer,
  format = 'h264',
): Promise<{ pictures: number; complaints: string }> {
  const child = spawn(
    FFMPEG,
    ['-v', 'error', '-f', format, '-i', 'pipe:0', '-f', 'framecrc', '-fps_mode', 'passthrough', '-'].filter(
      (arg, i, all) => FFMPEG === 'ffmpeg' || (arg !== '-fps_mode' && all[i - 1] !== '-fps_mode'),
    ),
  );
  let out = '';
  let complaints = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stream);
  await once(child, 'close');
  return { pictures: out.split('\n').filter((line) => /^\d/.test(line)).length, complaints };
}

export interface Capture {
  /** Datagrams in order of arrival. */
  readonly rtp: Buffer[];
  readonly rtcp: Buffer[];
  /** The session description that ffmpeg prints. */
  readonly sdp: string;
}

async function listen(into: Buffer[]): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.on('message', (datagram) => into.push(datagram));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Sends a file's video by `ffmpeg -c copy -f rtp` in real time and captures what arrives. */
export function capture(file: string, size: number, ...args: string[]): Promise<Capture> {
  return captureRtp(['-re', '-i', file, '-an', '-c:v', 'copy', ...args], size);
}

/** Sends by ffmpeg's RTP muxer whatever its arguments make, and captures what arrives. `size`: of a packet, bytes. */
export async function captureRtp(args: readonly string[], size: number): Promise<Capture> {
  const rtp: Buffer[] = [];
  const rtcp: Buffer[] = [];
  const sockets: Socket[] = [];
  let child: ChildProcess | undefined;
  try {
    sockets.push(await listen(rtp), await listen(rtcp));
    const [port, rtcpPort] = sockets.map((socket) => socket.address().port);
    const url = `rtp://127.0.0.1:${port}?rtcpport=${rtcpPort}&pkt_size=${size}`;
    const sender = spawn(FFMPEG, ['-nostdin', '-v', 'error', ...args, '-f', 'rtp', url]);
    child = sender;
    let sdp = '';
    let messages = '';
    sender.stdout.on('data', (chunk) => {
      sdp += chunk;
    });
    sender.stderr.on('data', (chunk) => {
      messages += chunk;
    });
    const [code] = (await once(sender, 'close')) as [number | null];
    if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${messages}`);
    // What was sent last may still be on its way through the event loop.
    for (let before = -1; before !== rtp.length; ) {
      before = rtp.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { rtp, rtcp, sdp };
  } finally {
    child?.kill('SIGKILL');
    for (const socket of sockets) socket.close();
  }
}
