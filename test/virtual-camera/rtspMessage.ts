/**
 * RTSP 1.0 as a server sees it (RFC 2326): requests and interleaved frames in, answers out. Pure: bytes → messages.
 */

export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  /** The request URL, byte for byte as sent (Digest is computed over it). */
  readonly url: string;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** `$`, channel, length, payload (RFC 2326 §10.12). */
export interface InterleavedFrame {
  readonly kind: 'interleaved';
  readonly channel: number;
  readonly payload: Buffer;
}

/** An answer to a request that we sent; a camera only needs to skip it. */
export interface RtspAnswer {
  readonly kind: 'answer';
  readonly status: number;
}

export type ParseResult =
  | {
      readonly kind: 'message';
      readonly message: RtspRequest | InterleavedFrame | RtspAnswer;
      readonly used: number;
    }
  | { readonly kind: 'need-more' }
  | { readonly kind: 'invalid'; readonly reason: string };

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

/** Reads the message at the beginning of `bytes`; never throws, never holds more than 80 KiB back. */
export function parseRtsp(bytes: Buffer): ParseResult {
  if (bytes.length === 0) return { kind: 'need-more' };
  if (bytes[0] === 0x24) return parseInterleaved(bytes);
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf('\r\n\r\n');
  if (end < 0) {
    return bytes.length >= MAX_HEADER_BYTES
      ? { kind: 'invalid', reason: 'header too long' }
      : { kind: 'need-more' };
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const length = Number(headers.get('content-length') ?? 0);
  if (!Number.isInteger(length) || length < 0 || length > MAX_BODY_BYTES) {
    return { kind: 'invalid', reason: 'bad Content-Length' };
  }
  const used = end + 4 + length;
  if (bytes.length < used) return { kind: 'need-more' };
  const answer = /^RTSP\/1\.0 (\d{3})/.exec(first);
  if (answer) return { kind: 'message', message: { kind: 'answer', status: Number(answer[1]) }, used };
  const request = /^([A-Z_]+) (\S+) RTSP\/1\.0$/.exec(first.trim());
  if (!request) return { kind: 'invalid', reason: 'bad request line' };
  const [, method = '', url = ''] = request;
  const body = bytes.subarray(end + 4, used);
  return { kind: 'message', message: { kind: 'request', method, url, headers, body }, used };
}

function parseInterleaved(bytes: Buffer): ParseResult {
  if (bytes.length < 4) return { kind: 'need-more' };
  const used = 4 + bytes.readUInt16BE(2);
  if (bytes.length < used) return { kind: 'need-more' };
  const payload = bytes.subarray(4, used);
  return { kind: 'message', message: { kind: 'interleaved', channel: bytes.readUInt8(1), payload }, used };
}

/** Collects what a socket delivers and hands out whole messages. */
export class RtspReader {
  private pending: Buffer = Buffer.alloc(0);

  /** @returns false when the bytes are no RTSP: the connection is useless from here on. */
  push(chunk: Buffer, message: (message: RtspRequest | InterleavedFrame | RtspAnswer) => void): boolean {
    this.pending = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    for (;;) {
      const result = parseRtsp(this.pending);
      if (result.kind === 'invalid') return false;
      if (result.kind === 'need-more') return true;
      this.pending = this.pending.subarray(result.used);
      message(result.message);
    }
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option not supported',
};

export function reasonOf(status: number): string {
  return REASONS[status] ?? 'Error';
}

/** One answer on the wire. A header may stand twice (two challenges), hence a list. */
export function formatAnswer(
  statusLine: string,
  headers: readonly (readonly [string, string])[],
  body: string = '',
): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = body ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
  return Buffer.from(`${statusLine}\r\n${lines}${length}\r\n${body}`, 'latin1');
}

/** What a client asked for in one `Transport` header; the first alternative that a camera could serve. */
export type TransportRequest =
  | { readonly kind: 'tcp'; readonly channels: readonly [number, number] }
  | { readonly kind: 'udp'; readonly ports: readonly [number, number] };

export function parseTransport(header: string): TransportRequest | undefined {
  for (const alternative of header.split(',')) {
    const parts = alternative.split(';').map((part) => part.trim());
    const kind = parts[0]?.toUpperCase();
    const pair = (name: string) => {
      const value = parts.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
      const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value ?? '');
      if (!match) return undefined;
      const first = Number(match[1]);
      return [first, match[2] === undefined ? first + 1 : Number(match[2])] as const;
    };
    if (kind === 'RTP/AVP/TCP') {
      const channels = pair('interleaved') ?? ([0, 1] as const);
      if (channels.every((channel) => channel < 256)) return { kind: 'tcp', channels };
    }
    const multicast = parts.some((part) => part.toLowerCase() === 'multicast');
    if ((kind === 'RTP/AVP' || kind === 'RTP/AVP/UDP') && !multicast) {
      const ports = pair('client_port');
      if (ports?.every((port) => port > 0 && port < 65536)) return { kind: 'udp', ports };
    }
  }
  return undefined;
}
