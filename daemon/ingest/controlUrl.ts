/**
 * The URLs for SETUP and PLAY out of Content-Base and `a=control`. Pure.
 *
 * Cameras name the wrong host in both (an inner address behind NAT, `localhost`, nothing at all): the host and port of
 * the request URL, which is whom we talk to, are put in whatever they say (cases 25, 27).
 */

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** `rtsp://host:port` of a URL without userinfo, and the rest from the path on. */
function split(url: string): { origin: string; path: string } {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*)(.*)$/s.exec(url);
  return { origin: match?.[1] ?? '', path: match?.[2] ?? '' };
}

/**
 * The base that controls are relative to: the Content-Base (or Content-Location) of the DESCRIBE answer, repaired, on
 * the request's host and port; the request URL where that is missing or beyond repair.
 *
 * Seen (case 25): `192.168.1.10:554/stream0/` (Anjvision, moonfire-nvr#356), `192.168.253.220:1935/` (go2rtc#1852),
 * `rtsp://rtsp://turret2-cam.lan:554/stream1/` (go2rtc#208), `rtsp://::ffff:192.168.1.123/onvif/profile.1/`,
 * `/relative-content-base` (gortsplib#636).
 */
export function baseUrl(contentBase: string | undefined, requestUrl: string): string {
  const { origin } = split(requestUrl);
  let base = (contentBase ?? '').trim();
  if (base === '' || /[^\x21-\x7e]/.test(base)) return requestUrl;
  if (base.startsWith('/')) return origin + base;
  while (ABSOLUTE.test(base) && ABSOLUTE.test(base.replace(ABSOLUTE, ''))) base = base.replace(ABSOLUTE, '');
  if (!ABSOLUTE.test(base)) {
    // Without a scheme only `host:port/…` or `1.2.3.4/…` is surely a host; anything else could be a path.
    if (!/^(?:[\w.-]+:\d{1,5}|\d{1,3}(?:\.\d{1,3}){3})(?:[/?]|$)/.test(base)) return requestUrl;
    base = `rtsp://${base}`;
  }
  return origin + split(base).path;
}

/** How a relative control is put behind a base that has a query: behind it (live555, ffmpeg), or before it (GStreamer ≥ 1.18). */
type Form = 'concatenate' | 'before-query';

function join(base: string, control: string | undefined, form: Form): string {
  const { origin, path } = split(base);
  const relative = (control ?? '').trim();
  if (relative === '' || relative === '*' || /[^\x21-\x7e]/.test(relative)) return base;
  if (ABSOLUTE.test(relative)) return origin + split(relative).path; // `rtsp://localhost/path/trackID=7`
  if (relative.startsWith('?')) return base + relative; // `?ctype=video`, no slash between
  const query = form === 'before-query' ? path.indexOf('?') : -1;
  const front = query < 0 ? path : path.slice(0, query);
  const back = query < 0 ? '' : path.slice(query);
  return `${origin}${front.replace(/\/$/, '')}/${relative.replace(/^\//, '')}${back}`;
}

/** URL for PLAY, PAUSE, TEARDOWN and keep-alive: the session's `a=control` on the base. */
export function aggregateUrl(base: string, sessionControl: string | undefined): string {
  return join(base, sessionControl, 'concatenate');
}

/**
 * URLs to try for SETUP of one media section, the likelier first. A base with a query gives two: cameras expect plain
 * concatenation, GStreamer's server the control before the query (case 26, retina#9). For `/track` the second is the
 * absolute path of RFC 3986.
 */
export function setupUrls(aggregate: string, control: string | undefined): readonly [string, ...string[]] {
  const first = join(aggregate, control, 'concatenate');
  const relative = (control ?? '').trim();
  const second = relative.startsWith('/')
    ? split(aggregate).origin + relative
    : join(aggregate, control, 'before-query');
  return second === first ? [first] : [first, second];
}
