/**
 * Who may talk to the daemon through a browser. Pages of other sites can send requests to loopback too: by a name of
 * theirs that resolves to 127.0.0.1 (DNS rebinding), by forms and scripts (CSRF), by WebSockets, by <img>.
 * Programs send no Origin and are not concerned.
 */
export interface Names {
  /** Further host names and addresses, lower case, that this daemon is reached by. Loopback ones always are. */
  readonly allowedHosts: ReadonlySet<string>;
}

/** `Host` header or the authority of an origin, taken apart. */
export function splitHost(host: string): { name: string; port: number | undefined } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::(\d{1,5}))?$/i.exec(host);
  if (!match?.[1]) return undefined;
  return { name: match[1].toLowerCase(), port: match[2] === undefined ? undefined : Number(match[2]) };
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') || // RFC 6761 6.3: resolves to loopback only
    name === '[::1]' ||
    /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(name)
  );
}

export function isAllowedHost(host: string | undefined, names: Names): boolean {
  const name = host === undefined ? undefined : splitHost(host)?.name;
  return name !== undefined && (isLoopback(name) || names.allowedHosts.has(name));
}

/** True for the daemon's own pages: the origin that the request itself goes to, or a page served by this machine. */
export function isAllowedOrigin(origin: string, host: string | undefined, names: Names): boolean {
  const authority = /^https?:\/\/([^/]+)\/?$/i.exec(origin)?.[1];
  if (authority === undefined) return false; // also "null": sandboxed frames, file: pages
  return authority.toLowerCase() === host?.toLowerCase() || isAllowedHost(authority, names);
}

export interface GuardedRequest {
  method: string;
  /** Part of the API, not of the pages. */
  api: boolean;
  webSocket: boolean;
  host: string | undefined;
  origin: string | undefined;
  referer: string | undefined;
  secFetchSite: string | undefined;
  secFetchMode: string | undefined;
}

/** Why a request is refused, or undefined. */
export function refusal(
  request: GuardedRequest,
  names: Names,
): { code: string; message: string } | undefined {
  if (!isAllowedHost(request.host, names)) {
    return {
      code: 'host_not_allowed',
      message: 'The Host header is not a name of this daemon: open it as localhost or 127.0.0.1.',
    };
  }
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
  if ((changes || request.webSocket) && request.origin !== undefined) {
    if (isAllowedOrigin(request.origin, request.host, names)) return undefined;
    return {
      code: 'origin_not_allowed',
      message: 'Pages of other sites may not change anything here or listen: open Walleye’s own page.',
    };
  }
  // A foreign page’s <img> could make the daemon decode. The wall itself is cross-site to the addresses 127.0.0.2 …
  // that it shards its pictures over, but says in Referer where it comes from.
  if (request.api && request.secFetchSite === 'cross-site' && request.secFetchMode !== 'navigate') {
    const from = /^https?:\/\/[^/]+/i.exec(request.referer ?? '')?.[0];
    if (from !== undefined && isAllowedOrigin(from, request.host, names)) return undefined;
    return {
      code: 'origin_not_allowed',
      message: 'Pages of other sites may not show these pictures: open Walleye’s own page.',
    };
  }
  return undefined;
}
