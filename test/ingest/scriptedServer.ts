/**
 * An RTSP server on loopback that misbehaves as a test tells it to. It shares no code with the client under test: what
 * it understands, it reads by itself. Without a script it is a plain camera at /main with H.264 of 64×64.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** x264, 64×64: SPS, PPS, an IDR slice, a P slice. */
const SPS = Buffer.from('6742c00ada109b011000000300100000030148f1226a', 'hex');
const PPS = Buffer.from('68ce0fc8', 'hex');
const IDR = Buffer.from('6588843a2628000902c9c9c9d75d75d75d75d75d75e0', 'hex');
const SLICE = Buffer.from('419a2011a08c', 'hex');
const GOP = 5;

export const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=scripted',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:track1',
  '',
].join('\r\n');

export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  /** Names as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which connection, from 1. */
  readonly connection: number;
  readonly text: string;
  /** When it came, `performance.now()`. */
  readonly at: number;
}

export interface Reply {
  status?: number;
  reason?: string;
  headers?: Record<string, string>;
  body?: string;
  /** The whole answer, byte by byte, instead. */
  raw?: string;
}

/** What to answer; undefined: as a plain camera would; 'silence': nothing. */
type Answer = (
  request: ScriptedRequest,
  connection: ScriptedConnection,
) => Reply | 'silence' | undefined | Promise<Reply | 'silence' | undefined>;
export type Script = Readonly<Record<string, Answer>>;

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Connections so far, and those open now. */
  readonly connections: readonly ScriptedConnection[];
  readonly open: number;
  of(method: string): ScriptedRequest[];
  close(): Promise<void>;
}

/** An interleaved frame. */
export function interleaved(channel: number, packet: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x24, channel, packet.length >> 8, packet.length & 255]), packet]);
}

export const SSRC = 0x1234abcd;

/** RTCP BYE. */
export function bye(ssrc = SSRC): Buffer {
  const packet = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 0]);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** RTCP sender report. */
export function senderReport(ssrc = SSRC): Buffer {
  const packet = Buffer.alloc(28);
  packet.set([0x80, 200, 0, 6]);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** RTP packets of one picture after the other, 10 per second of media time; every fifth is a key picture. */
export class Pictures {
  readonly #ssrc: number;
  #sequence = 100;
  #count = 0;

  constructor(ssrc = SSRC) {
    this.#ssrc = ssrc;
  }

  next(): Buffer[] {
    const nals = this.#count % GOP === 0 ? [SPS, PPS, IDR] : [SLICE];
    const timestamp = 1000 + 9000 * this.#count++;
    return nals.map((nal, index) => {
      const header = Buffer.from([
        0x80,
        96 | (index === nals.length - 1 ? 0x80 : 0),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ]);
      header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
      header.writeUInt32BE(timestamp, 4);
      header.writeUInt32BE(this.#ssrc, 8);
      return Buffer.concat([header, nal]);
    });
  }
}

export class ScriptedConnection {
  readonly number: number;
  readonly socket: Socket;
  /** Interleaved frames that the client sent. */
  readonly frames: { channel: number; payload: Buffer }[] = [];
  /** Our UDP pair and what arrived there, with the sender's port. */
  readonly datagrams: { on: 'rtp' | 'rtcp'; from: number; bytes: Buffer }[] = [];
  readonly pictures = new Pictures();
  channel = 0;
  clientPort: number | undefined;
  #udp: UdpSocket[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.number = number;
  }

  send(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Opens our pair of UDP ports. */
  async openUdp(): Promise<number> {
    for (const on of ['rtp', 'rtcp'] as const) {
      const udp = createSocket('udp4');
      this.#udp.push(udp);
      udp.on('message', (bytes, from) => this.datagrams.push({ on, from: from.port, bytes }));
      udp.bind(0, '127.0.0.1');
      await once(udp, 'listening');
    }
    return this.#udp[0]?.address().port ?? 0;
  }

  get udpPorts(): number[] {
    return this.#udp.map((udp) => udp.address().port);
  }

  /** Sends a picture, by UDP where that was set up. */
  picture(): void {
    for (const packet of this.pictures.next()) this.packet(packet);
  }

  packet(packet: Buffer): void {
    if (this.clientPort === undefined) this.send(interleaved(this.channel, packet));
    else this.#udp[0]?.send(packet, this.clientPort, '127.0.0.1', () => {});
  }

  play(): void {
    this.#timer ??= setInterval(() => this.picture(), 15);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.pause();
    for (const udp of this.#udp.splice(0)) udp.close();
    this.socket.destroy();
  }
}

const PLAIN: Script = {
  OPTIONS: () => ({ headers: { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN' } }),
  DESCRIBE: (request) => ({
    headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${request.url}/` },
    body: SDP,
  }),
  SETUP: async (request, connection) => {
    const asked = request.headers.Transport ?? '';
    const client = /client_port=(\d+)/.exec(asked)?.[1];
    let transport = `${asked};ssrc=${SSRC.toString(16)}`;
    if (client !== undefined) {
      await connection.openUdp();
      connection.clientPort = Number(client);
      transport = `${asked};server_port=${connection.udpPorts.join('-')}`;
    }
    return { headers: { Session: 'abc123;timeout=60', Transport: transport } };
  },
  PLAY: (_request, connection) => {
    setImmediate(() => connection.play());
    return {};
  },
  PAUSE: (_request, connection) => {
    connection.pause();
    return {};
  },
  TEARDOWN: (_request, connection) => {
    connection.pause();
    return {};
  },
  GET_PARAMETER: () => ({}),
};

/** Starts the server on 127.0.0.1. @param tls it is spoken to over TLS @param at its port, default a free one */
export async function startScriptedServer(
  script: Script = {},
  tls?: TlsOptions,
  at = 0,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const connections: ScriptedConnection[] = [];
  const open = new Set<ScriptedConnection>();
  const accept = (socket: Socket) => {
    const connection = new ScriptedConnection(socket, connections.length + 1);
    connections.push(connection);
    open.add(connection);
    let buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(connection);
      connection.close();
    });
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        if (buffer[0] === 0x24) {
          if (buffer.length < 4 || buffer.length < 4 + buffer.readUInt16BE(2)) return;
          const end = 4 + buffer.readUInt16BE(2);
          connection.frames.push({ channel: buffer[1] ?? 0, payload: Buffer.from(buffer.subarray(4, end)) });
          buffer = buffer.subarray(end);
          continue;
        }
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const request = read(buffer.toString('utf8', 0, end), connection.number);
        buffer = buffer.subarray(end + 4);
        requests.push(request);
        void answer(request, connection);
      }
    });
  };
  const server = tls ? createTlsServer(tls, accept) : createServer(accept);

  async function answer(request: ScriptedRequest, connection: ScriptedConnection): Promise<void> {
    const scripted = await script[request.method]?.(request, connection);
    const reply = scripted ?? (await PLAIN[request.method]?.(request, connection)) ?? { status: 501 };
    if (reply === 'silence') return;
    if (reply.raw !== undefined) return connection.send(reply.raw);
    const headers = { CSeq: request.headers.CSeq ?? '', ...reply.headers };
    const body = reply.body ?? '';
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}\r\n`);
    connection.send(
      `RTSP/1.0 ${reply.status ?? 200} ${reply.reason ?? 'OK'}\r\n${lines.join('')}\r\n${body}`,
    );
  }

  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `rtsp${tls ? 's' : ''}://127.0.0.1:${port}/main`,
    requests,
    connections,
    get open() {
      return open.size;
    },
    of: (method) => requests.filter((request) => request.method === method),
    close: async () => {
      for (const connection of connections) connection.close();
      server.close();
      await once(server, 'close');
    },
  };
}

function read(text: string, connection: number): ScriptedRequest {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return { method, url, headers, connection, text, at: performance.now() };
}
