/**
 * Who may talk to the daemon through a browser, and how. Pages of other sites can send requests to the box too: by a name
 * of theirs that resolves to its address (DNS rebinding), by forms and scripts (CSRF), by WebSockets, by <img>.
 * Programs send no Origin and are not concerned. Pure; guardHook.ts applies it.
 */
import { isIPv4 } from 'node:net';

export interface Names {
  /** Host names and addresses, lower case, that this daemon is reached by. Loopback ones always are. */
  readonly allowedHosts: { has(name: string): boolean };
}

/** `Host` header or the authority of an origin, taken apart. */
export function splitHost(host: string): { name: string; port: number | undefined } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::(\d{1,5}))?$/i.exec(host);
  if (!match?.[1]) return undefined;
  return { name: match[1].toLowerCase(), port: match[2] === undefined ? undefined : Number(match[2]) };
}

/** @param name as `splitHost` gives it */
export function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') || // RFC 6761 6.3: resolves to loopback only
    name === '[::1]' ||
    /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(name)
  );
}

export function isAllowedHost(host: string | undefined, names: Names): boolean {
  const name = host === undefined ? undefined : splitHost(host)?.name;
  return name !== undefined && (isLoopbackName(name) || names.allowedHosts.has(name));
}

/** Whether both are this machine at one port: the wall's page, and the addresses that it takes its pictures from. */
export function isLoopbackSibling(origin: string, host: string | undefined): boolean {
  const from = splitHost(authorityOf(origin) ?? '');
  const to = splitHost(host ?? '');
  return (
    from !== undefined &&
    to !== undefined &&
    from.port === to.port &&
    isLoopbackName(from.name) &&
    isLoopbackName(to.name)
  );
}

/**
 * True for the daemon's own pages: those of the very host and port that the request goes to, and on the box itself those
 * of the same port. Not any page of localhost: on somebody's PC that is somebody else's.
 * @param host that is allowed
 */
export function isAllowedOrigin(origin: string, host: string | undefined): boolean {
  const authority = authorityOf(origin); // undefined also for "null": sandboxed frames, file: pages
  if (authority === undefined || host === undefined) return false;
  return authority.toLowerCase() === host.toLowerCase() || isLoopbackSibling(origin, host);
}

const authorityOf = (origin: string) => /^https?:\/\/([^/]+)\/?$/i.exec(origin)?.[1];

export interface GuardedRequest {
  method: string;
  /** Part of the API, not of the pages. */
  api: boolean;
  webSocket: boolean;
  /** A socket for pictures whose client offers a token: that alone lets it in, whatever page it is of. */
  embedded: boolean;
  host: string | undefined;
  origin: string | undefined;
  referer: string | undefined;
  secFetchSite: string | undefined;
  secFetchMode: string | undefined;
  secFetchDest: string | undefined;
}

export interface Refusal {
  code: string;
  message: string;
}

/** Why a request is refused, or undefined. */
export function refusal(request: GuardedRequest, names: Names): Refusal | undefined {
  if (!isAllowedHost(request.host, names)) {
    return {
      code: 'host_not_allowed',
      message:
        'The Host header is not a name of this box: open it by its address or host name, or add the name to ' +
        'WALLEYE_ALLOWED_HOSTS.',
    };
  }
  if (request.embedded) return undefined;
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
  if ((changes || request.webSocket || request.api) && request.origin !== undefined) {
    if (isAllowedOrigin(request.origin, request.host)) return undefined;
    return {
      code: 'origin_not_allowed',
      message: 'Pages of other sites may not change anything here, read or listen: open Walleye’s own page.',
    };
  }
  // A foreign page’s <img> could make the daemon decode. The wall itself is cross-site to the addresses 127.0.0.2 …
  // that it shards its pictures over, but says in Referer where it comes from. Same-site is another port of this host.
  const foreign = request.secFetchSite === 'cross-site' || request.secFetchSite === 'same-site';
  if (request.api && foreign && !isFollowedLink(request)) {
    const from = /^https?:\/\/[^/]+/i.exec(request.referer ?? '')?.[0];
    if (from !== undefined && isAllowedOrigin(from, request.host)) return undefined;
    return {
      code: 'origin_not_allowed',
      message: 'Pages of other sites may not show these pictures: open Walleye’s own page.',
    };
  }
  return undefined;
}

/** Not a frame in a foreign page, which is a navigation too. */
function isFollowedLink({ method, secFetchMode, secFetchDest }: GuardedRequest): boolean {
  return method === 'GET' && secFetchMode === 'navigate' && ['document', undefined].includes(secFetchDest);
}

/** @param address of a socket's peer; IPv4 may be written as `::ffff:127.0.0.1` (RFC 4291 2.5.5.2) */
export function isLoopbackPeer(address: string | undefined): boolean {
  if (address === '::1') return true;
  const v4 = address?.replace(/^::ffff:/i, '') ?? '';
  return isIPv4(v4) && v4.startsWith('127.');
}

export interface Transport {
  /** Over TLS. */
  secure: boolean;
  /** The socket's peer, whatever headers say. */
  peer: string | undefined;
  method: string;
  /** Something to look at in a browser, without a secret in its address. */
  page: boolean;
  /** Allowed. */
  host: string | undefined;
  /** Path and query, beginning with a slash. */
  path: string;
}

/**
 * What to do with a request in the clear from another machine, where HTTPS is required: pages send the browser to HTTPS,
 * all else is refused before anybody looks at its credentials. undefined: let it pass.
 * @param httpsPort undefined: HTTPS is not required
 */
export function insecure(
  request: Transport,
  httpsPort: number | undefined,
): { redirect: string } | { refusal: Refusal } | undefined {
  if (httpsPort === undefined || request.secure || isLoopbackPeer(request.peer)) return undefined;
  const name = splitHost(request.host ?? '')?.name ?? '';
  const origin = `https://${name}${httpsPort === 443 ? '' : `:${httpsPort}`}`;
  if (request.page && ['GET', 'HEAD'].includes(request.method)) return { redirect: origin + request.path };
  return {
    refusal: {
      code: 'https_required',
      message: `From other machines this works over HTTPS only, so that nobody listens in: use ${origin}.`,
    },
  };
}
