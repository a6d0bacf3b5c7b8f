/** Which boxes: `[user@]host[:port]`, on the command line or one a line in a file. Pure. */
import { isIPv6 } from 'node:net';

export interface Host {
  /** What people know it by: the host as given, with its port where one was given. */
  label: string;
  user: string;
  /** IPv6 without brackets. */
  address: string;
  /** Undefined: 22, or what the user's ssh_config says. */
  port: number | undefined;
}

const DEFAULT_USER = 'root';
const FORM =
  /^(?:([A-Za-z_][A-Za-z0-9_.-]{0,63})@)?(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9_][A-Za-z0-9_.-]{0,253}))(?::(\d{1,5}))?$/;

/** Nothing that begins with a hyphen or holds blanks or quotes: it becomes an argument of ssh. */
export function parseHost(text: string): Host | undefined {
  const bare = /^(?:([^@]+)@)?([0-9A-Fa-f:]+:[0-9A-Fa-f:.]*)$/.exec(text);
  if (bare?.[2] !== undefined && isIPv6(bare[2])) return parseHost(`${bare[1] ?? DEFAULT_USER}@[${bare[2]}]`);
  const [, user = DEFAULT_USER, ipv6, name, digits] = FORM.exec(text) ?? [];
  const address = ipv6 ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (address === undefined || (ipv6 !== undefined && !isIPv6(ipv6.replace(/%.*/, '')))) return undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const shown = port !== undefined && ipv6 !== undefined ? `[${address}]` : address;
  return { label: port === undefined ? shown : `${shown}:${port}`, user, address, port };
}

/** One host a line; `#` begins a comment. */
export function hostLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** Each host once, or those that are none. */
export function parseHosts(texts: string[]): { hosts: Host[] } | { wrong: string[] } {
  const parsed = texts.map((text) => ({ text, host: parseHost(text) }));
  const wrong = parsed.filter(({ host }) => !host).map(({ text }) => text);
  if (wrong.length > 0) return { wrong };
  const hosts = new Map(parsed.flatMap(({ host }) => (host ? [[host.label, host] as const] : [])));
  return { hosts: [...hosts.values()] };
}

/** As ssh looks it up in a known_hosts file. */
export function pinName({ address, port }: Host): string {
  return port === undefined || port === 22 ? address : `[${address}]:${port}`;
}
