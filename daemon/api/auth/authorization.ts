/** `Authorization: Bearer TOKEN` or `Basic NAME:PASSWORD`. */
export type Authorization =
  | { scheme: 'bearer'; token: string }
  | { scheme: 'basic'; name: string; password: string }
  | 'unknown';

/** Total: any header gives an answer. RFC 6750 2.1, RFC 7617 2 (with charset UTF-8). */
export function readAuthorization(header: string): Authorization {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([A-Za-z0-9._~+/=-]+) *$/.exec(header) ?? [];
  if (/^bearer$/i.test(scheme)) return { scheme: 'bearer', token: value };
  if (!/^basic$/i.test(scheme)) return 'unknown';
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 forbids them in both
  if (colon < 0 || /[\u0000-\u001f\u007f]/.test(text)) return 'unknown';
  return { scheme: 'basic', name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Spoken on the sockets that carry pictures. */
export const LIVE_SUBPROTOCOL = 'walleye';
const TOKEN_SUBPROTOCOL = 'bearer.';

/**
 * The token that a WebSocket's client offers as a subprotocol, `Sec-WebSocket-Protocol: walleye, bearer.TOKEN`: browsers let pages
 * set no other header (RFC 6455 4.1), and an address is written into logs.
 */
export function subprotocolToken(header: string | undefined): string | undefined {
  const offered = (header ?? '').split(',').map((one) => one.trim());
  return offered.find((one) => one.startsWith(TOKEN_SUBPROTOCOL))?.slice(TOKEN_SUBPROTOCOL.length);
}
