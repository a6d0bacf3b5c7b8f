/** An RTSP address with the credentials taken out of it. */
export interface SplitUrl {
  url: string;
  username: string | null;
  password: string | null;
}

/**
 * Takes `user:password@` out of an RTSP URL. Splits at the LAST `@` of the authority and at the first `:` of the user
 * information, because passwords with `@ # : %` are pasted as they are; percent-encoding is undone where it is valid.
 * Answers undefined for what is no rtsp:// URL with a host.
 */
export function splitRtspUrl(text: string): SplitUrl | undefined {
  const scheme = /^(rtsps?):\/\//i.exec(text.trim());
  if (!scheme) return undefined;
  const rest = text.trim().slice(scheme[0].length);
  // The path begins at the first slash behind the last @, or at the first slash when there is no user information.
  const at = lastAtOfAuthority(rest);
  const userInfo = at < 0 ? '' : rest.slice(0, at);
  const address = rest.slice(at + 1);
  if (!/^(\[[0-9A-Fa-f:.%]+\]|[^\s/?#:@]+)(:\d{1,5})?([/?].*)?$/.test(address) || /[\s\r\n]/.test(address))
    return undefined;
  const port = /^(?:\[[^\]]*\]|[^/?:]+):(\d+)/.exec(address)?.[1];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  const colon = userInfo.indexOf(':');
  const username = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const password = colon < 0 ? '' : userInfo.slice(colon + 1);
  return {
    url: `${scheme[1]?.toLowerCase()}://${address}`,
    username: at < 0 ? null : percentDecoded(username),
    password: at < 0 || colon < 0 ? null : percentDecoded(password),
  };
}

function lastAtOfAuthority(rest: string): number {
  // An @ inside the query (…?user=a@b) is not the authority's: look only before the first slash that follows a host.
  const candidates = [...rest.matchAll(/@/g)].map((match) => match.index);
  for (const at of candidates.reverse()) {
    const before = rest.slice(0, at);
    const host = rest.slice(at + 1);
    if (!/^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?([/?]|$)/.test(host)) continue;
    // `host/path?mail=a@b`: what stands before the @ already has a host, a path and a query.
    if (/^[A-Za-z0-9._-]+(:\d{1,5})?\/.*[?&=]/.test(before)) continue;
    return at;
  }
  return -1;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a plain password with a % in it
  }
}

/**
 * The reference server's `channel` and `subtype`, appended in the Dahua way where the URL names no resource of its own
 * (no path, or Dahua's path without a channel). Every other URL already says what it means.
 */
export function withChannel(url: string, channel: number | null, subtype: number | null): string {
  if (channel === null && subtype === null) return url;
  const { pathname, search } = new URL(url.replace(/^rtsps?:/i, 'http:'));
  if (/[?&]channel=/i.test(search)) return url;
  const bare = pathname === '' || pathname === '/';
  if (!bare && pathname !== '/cam/realmonitor') return url;
  const base = url.replace(/\/?(\?.*)?$/, '').replace(/\/cam\/realmonitor$/, '');
  const query = search.length > 1 ? `${search}&` : '?';
  return `${base}/cam/realmonitor${query}channel=${channel ?? 1}&subtype=${subtype ?? 0}`;
}
