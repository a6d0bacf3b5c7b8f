/** What the virtual camera's own tests watch it with: real ffmpeg, and a plain socket that speaks just enough RTSP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFrameStamp } from './frameStamp.ts';

/** Waits until `holds`; fails with `what` after 15 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 750; i++) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error(`never happened: ${what}`);
}

/** Decodes `count` pictures with ffmpeg as the client; the size asked for, RGBA. */
export async function watch(
  url: string,
  options: { transport: 'tcp' | 'udp'; count: number; width?: number; height?: number },
): Promise<Buffer[]> {
  const { width = 320, height = 180, count } = options;
  const size = width * height * 4;
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  const child = spawn('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-threads', '1'],
    // Nothing is known before the first key frame; without this ffmpeg studies the stream for seconds.
    ...['-fflags', 'nobuffer', '-analyzeduration', '500000', '-rtsp_transport', options.transport, '-i', url],
    ...['-frames:v', String(count), '-vsync', '0', '-vf', `scale=${width}:${height}`],
    ...['-pix_fmt', 'rgba', '-f', 'rawvideo', 'pipe:1'],
  ]);
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await once(child, 'close');
  clearTimeout(timer);
  const all = Buffer.concat(chunks);
  if (all.length < size * count)
    throw new Error(`ffmpeg: ${Buffer.concat(errors).toString() || 'too few pictures'}`);
  return Array.from({ length: count }, (_, i) => all.subarray(i * size, (i + 1) * size));
}

/** The stamps of RGBA pictures as `watch` returns them; the green channel will do for luma. */
export function stampsOf(pictures: readonly Buffer[], width = 320, height = 180): (number | undefined)[] {
  return pictures.map((rgba) => {
    const luma = new Uint8Array(width * height);
    for (let i = 0; i < luma.length; i++) luma[i] = rgba[i * 4 + 1]!;
    return readFrameStamp(luma, width, height);
  });
}

export interface TestAnswer {
  readonly statusLine: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
}

/** One RTSP connection without authentication. */
export class TestClient {
  /** RTP packets of channel 0 (or 10), in order. */
  readonly packets: Buffer[] = [];
  /** Bytes that were neither an answer nor an interleaved frame. */
  garbage = 0;
  /** Requests from the camera. */
  asked = 0;
  closed = false;
  private readonly socket: Socket;
  private pending: Buffer = Buffer.alloc(0);
  private readonly answers: TestAnswer[] = [];
  private sequence = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.pending = Buffer.concat([this.pending, chunk]);
      while (this.takeOne());
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async to(url: string): Promise<TestClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const client = new TestClient(socket);
    await once(socket, 'connect');
    return client;
  }

  async ask(method: string, url: string, headers: Record<string, string> = {}): Promise<TestAnswer> {
    const lines = Object.entries({ CSeq: String(++this.sequence), ...headers }).map(
      ([k, v]) => `${k}: ${v}\r\n`,
    );
    this.socket.write(`${method} ${url} RTSP/1.0\r\n${lines.join('')}\r\n`);
    await until(`answer to ${method}`, () => this.answers.length > 0 || this.closed);
    const answer = this.answers.shift();
    if (!answer) throw new Error(`the camera hung up on ${method}`);
    return answer;
  }

  /** SETUP and PLAY over TCP; returns the session's id. */
  async play(url: string): Promise<string> {
    const transport = { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' };
    const setup = await this.ask('SETUP', `${url}/trackID=0`, transport);
    if (setup.status !== 200) throw new Error(`SETUP: ${setup.statusLine}`);
    const session = setup.headers.session?.split(';')[0] ?? '';
    await this.ask('PLAY', url, { Session: session });
    return session;
  }

  /** Stops taking what the camera sends. */
  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.destroy();
  }

  private takeOne(): boolean {
    const { pending } = this;
    if (pending.length < 4) return false;
    if (pending[0] === 0x24) {
      const used = 4 + pending.readUInt16BE(2);
      if (pending.length < used) return false;
      if (pending[1]! % 10 === 0) this.packets.push(pending.subarray(4, used));
      this.pending = pending.subarray(used);
      return true;
    }
    const first = pending[0]!;
    if (first < 0x41 || first > 0x5a) {
      this.garbage++;
      this.pending = pending.subarray(1);
      return true;
    }
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [statusLine = '', ...lines] = pending.toString('latin1', 0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((l) => [l.split(':')[0]!.toLowerCase(), l.slice(l.indexOf(':') + 1)]),
    );
    const used = end + 4 + Number(headers['content-length'] ?? 0);
    if (pending.length < used) return false;
    const raw = pending.toString('latin1', 0, used);
    this.pending = pending.subarray(used);
    if (statusLine.startsWith('OPTIONS ')) this.asked++;
    else this.answers.push({ statusLine, status: Number(/ (\d{3})/.exec(statusLine)?.[1]), headers, raw });
    return true;
  }
}
