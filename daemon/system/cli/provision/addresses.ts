/**
 * Addresses of cameras, compared as the daemon keeps them: what it was given with a password or without a path is not what it
 * tells. Pure.
 */

export interface StreamAddress {
  /** As the daemon keeps it: without credentials, without the usual port. */
  url: string;
  username: string | undefined;
  password: string | undefined;
}

/** As the API shows it: some cameras carry the login in path or query, which it blots out (daemon/ingest/sourceUrl.ts). */
export function shownUrl(url: string): string {
  return url.replace(
    /((?:^|[?&/_;])(?:password|passphrase|passwd|pass|pwd|psw|token|auth)=)[^&/_;]*/gi,
    '$1***',
  );
}

const USUAL_PORTS = { rtsp: 554, rtsps: 322, http: 80, https: 443, rtmp: 1935, srt: 0 };
const HOST_PORT = /^(\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::(\d{1,5}))?$/;

/** Undefined: no address that the daemon takes. The userinfo ends at the last `@`, as passwords hold some (go2rtc#1032). */
export function streamAddress(given: string): StreamAddress | undefined {
  if (/^\s*file:/i.test(given)) return fileAddress(given);
  if (/^\s*v4l2:/i.test(given)) return usbAddress(given);
  const beginning = /^(rtsps?|https?|rtmp|srt):\/\//i.exec(given.trim());
  const scheme = beginning?.[1]?.toLowerCase() as keyof typeof USUAL_PORTS | undefined;
  if (!beginning || scheme === undefined) return undefined;
  const rest = given.trim().slice(beginning[0].length);
  let end = endOfAuthority(rest, 0);
  let at = rest.slice(0, end).lastIndexOf('@');
  if (at < 0 && !HOST_PORT.test(rest.slice(0, end))) {
    at = rest.lastIndexOf('@');
    end = endOfAuthority(rest, at + 1);
  }
  const target = HOST_PORT.exec(rest.slice(at + 1, end));
  const usual = USUAL_PORTS[scheme];
  const port = Number(target?.[2] ?? usual);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would forge a header
  if (!target || port < 1 || port > 65_535 || /[\u0000-\u001f\u007f]/.test(rest)) return undefined;
  const behind = rest.slice(end);
  const path = (scheme.startsWith('http') ? behind.replace(/#.*$/, '') : withoutSrtp(behind)).replace(
    /[^\x21-\x7e]+/gu,
    (part) => encodeURI(part.toWellFormed()),
  );
  const userinfo = at < 0 ? undefined : rest.slice(0, at);
  const colon = userinfo?.indexOf(':') ?? -1;
  return {
    url: `${scheme}://${target[1]}${port === usual ? '' : `:${port}`}${path}`,
    username: userinfo === undefined ? undefined : decoded(colon < 0 ? userinfo : userinfo.slice(0, colon)),
    password: userinfo === undefined || colon < 0 ? undefined : decoded(userinfo.slice(colon + 1)),
  };
}

/** Pictures of the box itself, daemon/ingest/files/fileUrl.ts. */
function fileAddress(given: string): StreamAddress | undefined {
  const match = /^file:\/\/(?:localhost)?(\/[^?#]*)(?:\?fps=(\d+(?:\.\d+)?))?$/i.exec(
    given.trim().toWellFormed(),
  );
  const fps = match?.[2] === undefined ? undefined : Number(match[2]);
  if (!match?.[1] || given.length > 4096 || (fps !== undefined && !(fps >= 0.01 && fps <= 60)))
    return undefined;
  const path = decoded(match[1]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as the daemon
  if (/[\u0000-\u001f\u007f]/.test(path)) return undefined;
  const spelt = path.split('/').map(encodeURIComponent).join('/');
  const url = `file://${spelt}${fps === undefined ? '' : `?fps=${fps}`}`;
  return { url, username: undefined, password: undefined };
}

/** A camera at the box’s USB, daemon/ingest/v4l2/v4l2Url.ts. */
function usbAddress(given: string): StreamAddress | undefined {
  const match =
    /^[vV]4[lL]2:\/\/(\/dev\/(?:video\d{1,3}|v4l\/by-(?:id|path)\/[\w.:+-]{1,200}))(?:\?([^#]*))?$/.exec(
      given.trim(),
    );
  if (!match?.[1]) return undefined;
  const wishes = match[2] === undefined ? [] : match[2].split('&');
  const known = ['format=(?:h264|mjpeg)', 'size=[1-9]\\d{0,3}x[1-9]\\d{0,3}', 'fps=[1-9]\\d{0,2}'].map(
    (wish) => wishes.filter((one) => new RegExp(`^${wish}$`).test(one)),
  );
  if (known.some(({ length }) => length > 1) || known.flat().length < wishes.length) return undefined;
  const spelt = known.flat().join('&');
  return { url: `v4l2://${match[1]}${spelt && `?${spelt}`}`, username: undefined, password: undefined };
}

/** As the daemon does with addresses of UniFi Protect. */
function withoutSrtp(path: string): string {
  return path.replace(/([?&])enableSrtp(?:=[^&]*)?(&|$)/i, (_, before, after) =>
    after === '&' ? before : '',
  );
}

function endOfAuthority(rest: string, from: number): number {
  const found = rest.slice(from).search(/[/?]/);
  return found < 0 ? rest.length : from + found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a plain `%` in a password
  }
}

/** Whether the ONVIF address that a camera is known by is the one that was asked for: `host`, `host:port` or a URL. */
export function sameDevice(known: string, wanted: string): boolean {
  const text = wanted.trim();
  const hasScheme = /^https?:\/\//i.test(text);
  const full = hasScheme ? text : `http://${text}`;
  if (!URL.canParse(full) || !URL.canParse(known)) return known === text;
  const [a, b] = [new URL(known), new URL(full)];
  if (a.hostname !== b.hostname) return false;
  // A bare host says neither scheme nor port: the daemon tries the usual ones.
  const portSaid = hasScheme || /^(?:\[[^\]]*\]|[^:/?#]*):\d+/.test(text);
  if (portSaid && portOf(a) !== portOf(b)) return false;
  return b.pathname === '/' && b.search === '' ? true : a.pathname + a.search === b.pathname + b.search;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

/** A host with `user:password@` before it. */
export function hasUserinfo(address: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i.test(address.trim());
}
