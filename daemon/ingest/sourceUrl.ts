/** The address of a camera's stream as people and cameras write it. Pure. */

/** With their usual ports: RFC 2326 §3.2, RFC 7826 §4.2, RFC 9110 §4.2, IANA’s macromedia-fcs; SRT has none. */
const SCHEMES = { rtsp: 554, rtsps: 322, http: 80, https: 443, rtmp: 1935, srt: 0 } as const;
export type SourceScheme = keyof typeof SCHEMES;
const RTSP: readonly SourceScheme[] = ['rtsp', 'rtsps'];
const ALL: readonly SourceScheme[] = [...RTSP, 'http', 'https', 'rtmp', 'srt'];

export interface SourceUrl {
  readonly scheme: SourceScheme;
  /** What goes on the request line: no userinfo, only ASCII without blanks. */
  readonly requestUrl: string;
  /** Host to connect to, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `rtsps://`, `https://`: over TLS. */
  readonly secure: boolean;
  /** Credentials that stood in the address, percent-decoded where they can be. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const HOST_PORT = /^(\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::(\d{1,5}))?$/;

function hostAndPort(text: string, usual: number): { host: string; port: number } | undefined {
  const match = HOST_PORT.exec(text);
  if (!match?.[1]) return undefined;
  const port = match[2] === undefined ? usual : Number(match[2]);
  return port >= 1 && port <= 65535 ? { host: match[1], port } : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a plain `%` in a password
  }
}

/**
 * Reads `rtsp://[user[:password]@]host[:port]/path?query`, and `rtsps://`, `http://`, `https://`, `rtmp://`, `srt://`. The userinfo ends at the LAST `@` of the
 * authority, because passwords hold `@ # % ^ ! : ? /` unescaped (case 24; go2rtc#1032, mediamtx#2069, frigate PR#4259).
 * Never throws: `invalid` is a sentence for people, without the address itself, as that may hold a password.
 */
export function parseSourceUrl(text: string): SourceUrl | { readonly invalid: string } {
  return parse(text, ALL);
}

/** As `parseSourceUrl`, of what is spoken to in RTSP. */
export function parseRtspUrl(text: string): SourceUrl | { readonly invalid: string } {
  return parse(text, RTSP);
}

function parse(text: string, schemes: readonly SourceScheme[]): SourceUrl | { readonly invalid: string } {
  const trimmed = text.trim();
  const beginning = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(trimmed);
  const starts = schemes.map((scheme) => `${scheme}://`);
  const choice = `${starts.slice(0, -1).join(', ')} or ${starts.at(-1)}`;
  if (!beginning?.[1]) return { invalid: `an address begins with ${choice}` };
  const name = beginning[1].toLowerCase();
  const scheme = schemes.find((scheme) => scheme === name);
  if (!scheme) return { invalid: `the scheme ${name}:// is not supported, only ${choice}` };
  const usual = SCHEMES[scheme];
  const isHttp = scheme.startsWith('http');
  const rest = trimmed.slice(beginning[0].length);
  if (rest.length > 4096) return { invalid: 'the address is too long' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break here would forge a header
  if (/[\u0000-\u001f\u007f]/.test(rest)) return { invalid: 'the address holds control characters' };

  // Where the authority ends. A `/` or `?` may belong to an unescaped password: then what precedes it is no host,
  // and the last `@` that is followed by one is the end of the userinfo.
  let authorityEnd = rest.search(/[/?]/);
  if (authorityEnd < 0) authorityEnd = rest.length;
  let at = rest.slice(0, authorityEnd).lastIndexOf('@');
  if (at < 0 && !hostAndPort(rest.slice(0, authorityEnd), usual)) {
    at = rest.lastIndexOf('@');
    if (at >= 0) {
      const end = rest.slice(at).search(/[/?]/);
      authorityEnd = end < 0 ? rest.length : at + end;
    }
  }
  const target = hostAndPort(rest.slice(at + 1, authorityEnd), usual);
  if (!target && scheme === 'srt') return { invalid: 'the address of SRT needs a host and a port' };
  if (!target) return { invalid: 'the address has no valid host and port' };

  const userinfo = at < 0 ? undefined : rest.slice(0, at);
  const colon = userinfo?.indexOf(':') ?? -1;
  const behind = rest.slice(authorityEnd);
  // A fragment is the browser's own (RFC 9110 §4.2.5). Passwords in paths of RTSP hold `#`.
  const path = (isHttp ? behind.replace(/#.*$/, '') : withoutSrtp(behind)).replace(
    /[^\x21-\x7e]+/gu,
    (part) => encodeURI(part.toWellFormed()),
  );
  const bracketed = target.host.startsWith('[');
  return {
    scheme,
    requestUrl: `${scheme}://${target.host}${target.port === usual ? '' : `:${target.port}`}${path}`,
    host: bracketed ? target.host.slice(1, -1) : target.host,
    port: target.port,
    secure: scheme.endsWith('s'),
    username: userinfo === undefined ? undefined : decoded(colon < 0 ? userinfo : userinfo.slice(0, colon)),
    password: userinfo === undefined || colon < 0 ? undefined : decoded(userinfo.slice(colon + 1)),
  };
}

/** UniFi Protect shows its addresses with `?enableSrtp`: without it the very same stream comes, in TLS alone (case 58). */
function withoutSrtp(path: string): string {
  return path.replace(/([?&])enableSrtp(?:=[^&]*)?(&|$)/i, (_, before, after) =>
    after === '&' ? before : '',
  );
}

/**
 * The address for logs and errors. Some cameras carry the login in path or query
 * (`/user=admin_password=x_channel=1`, `?user=…&password=…`, case 24): its value is blotted out.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/^([A-Za-z][\w+.-]*:\/\/)[^/?]*@/, '$1')
    .replace(/((?:^|[?&/_;])(?:password|passphrase|passwd|pass|pwd|psw|token|auth)=)[^&/_;]*/gi, '$1***');
}
