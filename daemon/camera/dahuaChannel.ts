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
