/** A request that a camera has answered, so that it can be answered the same way again. Pure. */
import type { RtspResponse } from '../../rtsp/rtspMessage.ts';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export function exchangeOf(method: string, url: string, response: RtspResponse): Exchange {
  const { status, reason, headers, body } = response;
  return { method, url, status, reason, headers: [...headers.entries()], body: body.toString('latin1') };
}

/** The answer, to whoever asks the same again. @returns undefined: it asks something else */
export function answerAgain(exchange: Exchange, request: Buffer): Buffer | undefined {
  const text = request.toString('latin1');
  if (!text.startsWith(`${exchange.method} ${exchange.url} RTSP/`)) return undefined;
  const { status, reason, body } = exchange;
  const others = exchange.headers.filter(([name]) => !/^(cseq|content-length)$/i.test(name));
  const cseq = /^CSeq: *(\d+)/im.exec(text)?.[1] ?? '';
  const fields = [['CSeq', cseq], ...others, ['Content-Length', `${body.length}`]];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`RTSP/1.0 ${status} ${reason}\r\n${lines.join('')}\r\n`);
  return Buffer.concat([head, Buffer.from(body, 'latin1')]);
}

/** @returns undefined: it is no such list, but that of another version, or damaged */
export function readTalk(text: string): Exchange[] | undefined {
  try {
    const talk: unknown = JSON.parse(text);
    return Array.isArray(talk) && talk.length > 0 && talk.every(isExchange) ? talk : undefined;
  } catch {
    return undefined;
  }
}

function isExchange(value: unknown): value is Exchange {
  const { method, url, status, reason, headers, body } = (value ?? {}) as Record<string, unknown>;
  const texts = [method, url, reason, body].every((one) => typeof one === 'string');
  return texts && Number.isInteger(status) && Array.isArray(headers) && headers.every(isField);
}

function isField(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
}
