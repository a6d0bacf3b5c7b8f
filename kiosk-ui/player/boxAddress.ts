/** Where the box's sockets and API are. Pure. */
import { isLocal } from '../wall/pictureUrl.ts';

export interface BoxAddress {
  /** Of the box, `https://box`, or of the place that a proxy gives it; default: the page's own site. */
  readonly base?: string | undefined;
  /** An API token of the box; undefined: the browser's own session counts. */
  readonly token?: string | undefined;
}

/** Undefined for what is no address. Not `URL.canParse`: Safari has that from 17 on, Chrome from 120. */
export function urlOf(address: string, page?: string): URL | undefined {
  try {
    return new URL(address, page);
  } catch {
    return undefined;
  }
}

/** @throws TypeError where `base` is no address */
export function apiUrl(base: string, path: string): URL {
  const folder = new URL(base);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return new URL(path, folder);
}

/** @throws TypeError where `base` is no address */
export function liveUrl(base: string): URL {
  const url = apiUrl(base, 'api/live');
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url;
}

/** Browsers let a page set no header of a WebSocket but this one, and an address is written into logs. */
export function liveProtocols(token: string | undefined): string[] {
  return token === undefined ? [] : ['walleye', `bearer.${token}`];
}

/**
 * Why no browser would open a socket there, one sentence. The browsers' own words have the token in them.
 * @param page the address of the page
 */
export function addressProblem(base: string, token: string | undefined, page: string): string | undefined {
  const url = urlOf(base);
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) return `“${base}” is no address of a box.`;
  // RFC 9110 5.6.2.
  if (token !== undefined && !/^[\w!#$%&'*+.^`|~-]+$/.test(token))
    return 'The token has characters that no token has.';
  if (page.startsWith('https:') && liveUrl(base).protocol === 'ws:' && !isLocal(url.hostname))
    return 'A page that came over HTTPS may only connect to a box over HTTPS.';
  return undefined;
}
