/** RTSP messages as values: requests to text, heads to messages (RFC 2326 §4–7). Pure. */

/** Header fields of a received message. Names are matched whatever their case (`Cseq`, `www-authenticate`; case 2). */
export class RtspHeaders {
  readonly #fields = new Map<string, string[]>();

  add(name: string, value: string): void {
    const key = name.toLowerCase();
    const values = this.#fields.get(key);
    if (values) values.push(value);
    else this.#fields.set(key, [value]);
  }

  /** First value of the field. */
  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.[0];
  }

  /** Every value, in order: Hikvision sends WWW-Authenticate twice (case 14). */
  all(name: string): readonly string[] {
    return this.#fields.get(name.toLowerCase()) ?? [];
  }

  /** All of them, names in lower case. */
  entries(): (readonly [name: string, value: string])[] {
    return [...this.#fields].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  }
}

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: Buffer;
}

/**
 * A request: from a camera OPTIONS as a ping, ANNOUNCE or TEARDOWN at the end of the stream (case 7); from our own clients all
 * that RFC 2326 §10 has.
 */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: RtspHeaders;
  readonly body: Buffer;
}

export type RtspMessage = RtspResponse | RtspRequest;
type WithoutBody<T> = T extends RtspMessage ? Omit<T, 'body'> : never;
export type RtspMessageHead = WithoutBody<RtspMessage>;

/** Always sent: some cameras answer 401 without it (case 9). */
export const USER_AGENT = 'Walleye';

const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');

/**
 * Text of a request. Header names are written exactly as given: some cameras want `CSeq` and nothing else
 * (case 2, AlexxIT/go2rtc#7), and extra headers confuse encoders (case 13), so callers add only what is needed.
 */
export function serializeRequest(request: {
  method: string;
  url: string;
  cseq: number;
  headers?: Readonly<Record<string, string | undefined>>;
}): Buffer {
  let text = `${request.method} ${oneLine(request.url)} RTSP/1.0\r\nCSeq: ${request.cseq}\r\nUser-Agent: ${USER_AGENT}\r\n`;
  for (const [name, value] of Object.entries(request.headers ?? {}))
    if (value !== undefined) text += `${name}: ${oneLine(value)}\r\n`;
  return Buffer.from(`${text}\r\n`);
}

/** Text of our answer to a request of the other side. `cseq` is echoed as it came, from the other's own number space (case 7). */
export function serializeResponse(response: {
  status: number;
  reason: string;
  cseq: string | undefined;
  session?: string | undefined;
  headers?: Readonly<Record<string, string | undefined>> | undefined;
  body?: string | undefined;
}): Buffer {
  const { status, reason, cseq, session, headers, body } = response;
  const fields = { CSeq: cseq, Session: session, ...headers };
  let text = `RTSP/1.0 ${status} ${reason}\r\n`;
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) text += `${name}: ${oneLine(value)}\r\n`;
  if (body !== undefined) text += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`${text}\r\n${body ?? ''}`);
}

// The reason phrase may be missing, even with the blank before it (case 4, gortsplib#1043).
const STATUS_LINE = /^RTSP\/\d+\.\d+[ \t]+(\d{3})(?:[ \t]+(.*))?$/;
const REQUEST_LINE = /^([A-Z_]+)[ \t]+(\S+)[ \t]+RTSP\/\d+\.\d+$/;

/**
 * Head of a message (everything before the empty line) to a message without its body, or undefined if its first line is
 * neither a status line nor a request line. Blanks around values are cut (Longse `CSeq: 1 `, Hikvision
 * `Session:        708345999`; cases 1, 3), lines may end in LF alone, lines without a colon are passed over.
 */
export function parseHead(text: string): RtspMessageHead | undefined {
  const lines = text.split('\n');
  const first = (lines[0] ?? '').trimEnd();
  const status = STATUS_LINE.exec(first);
  const request = status ? null : REQUEST_LINE.exec(first);
  if (!status && !request) return undefined;

  const headers = new RtspHeaders();
  let name: string | undefined;
  let value = '';
  for (const line of lines.slice(1)) {
    if (name !== undefined && /^[ \t]/.test(line)) {
      value += ` ${line.trim()}`; // folded
      continue;
    }
    if (name !== undefined) headers.add(name, value);
    const colon = line.indexOf(':');
    name = colon > 0 ? line.slice(0, colon).trim() : undefined;
    value = line.slice(colon + 1).trim();
  }
  if (name !== undefined) headers.add(name, value);

  return status
    ? { kind: 'response', status: Number(status[1]), reason: (status[2] ?? '').trim(), headers }
    : { kind: 'request', method: request?.[1] ?? '', url: request?.[2] ?? '', headers };
}

/** `CSeq` of a message as a number, undefined where it is missing or rubbish. */
export function cseqOf(headers: RtspHeaders): number | undefined {
  const text = headers.get('CSeq');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * `Session: 9a90de54; timeout=120`: id and timeout in seconds. No timeout, 0 or rubbish means 60
 * (RFC 2326 §12.37; case 46).
 */
export function parseSession(value: string): { id: string; timeout: number } {
  const [id = '', ...parameters] = value.split(';');
  let timeout = 60;
  for (const parameter of parameters) {
    const match = /^\s*timeout\s*=\s*"?(\d{1,6})/i.exec(parameter);
    if (match && Number(match[1]) > 0) timeout = Number(match[1]);
  }
  return { id: id.trim(), timeout };
}

/** Methods of a `Public` header, in upper case. */
export function parsePublic(values: readonly string[]): string[] {
  return values.flatMap((value) => value.toUpperCase().split(/[\s,]+/)).filter((method) => method !== '');
}
