/**
 * Service addresses that a camera advertises, repaired and put in order. Pure and total.
 * README, cases 11–13.
 */
import { type Ipv4Network, inNetwork, isLinkLocal, isLoopback, parseIpv4 } from './ipv4.ts';

export interface RankedAddress {
  readonly url: string;
  /** Smaller is likelier to work. */
  readonly rank: number;
}

const RANK = {
  sender: 0,
  senderLinkLocal: 1,
  sameSubnet: 2,
  senderInstead: 3,
  routable: 4,
  linkLocal: 5,
  ipv6: 6,
} as const;

/** An answer with more or longer addresses is not read further. */
const MAX_ADDRESSES = 16;
const MAX_LENGTH = 512;

/**
 * @param advertised XAddrs as they stand in the reply, already split at blanks
 * @param sender IPv4 source address of the reply; its port means nothing (hammeraj/onvif PR#11)
 * @param network the interface address that received the reply
 */
export function rankXAddrs(
  advertised: readonly string[],
  sender: string,
  network?: Ipv4Network,
): RankedAddress[] {
  const ranks = new Map<string, number>();
  const others: URL[] = [];
  const note = (url: string, rank: number): void => {
    ranks.set(url, Math.min(rank, ranks.get(url) ?? rank));
  };
  for (const text of advertised.slice(0, MAX_ADDRESSES)) {
    const url = parseServiceUrl(text);
    if (!url) continue;
    const host = url.hostname;
    const ownRank = isLinkLocal(sender) ? RANK.senderLinkLocal : RANK.sender;
    if (host === sender) note(url.href, ownRank);
    else if (isUnusable(host)) note(withHost(url, sender), ownRank);
    else {
      others.push(url);
      if (host.startsWith('[')) note(url.href, RANK.ipv6);
      else if (isLinkLocal(host)) note(url.href, RANK.linkLocal);
      else if (network && inNetwork(host, network)) note(url.href, RANK.sameSubnet);
      else note(url.href, RANK.routable);
    }
  }
  // Only a public or NAT address, a host name, IPv6, or an address of another of its interfaces: the sender is known to be
  // reachable, what it says of itself is not.
  if (![...ranks.values()].some((rank) => rank <= RANK.senderLinkLocal))
    for (const url of others) note(withHost(url, sender), RANK.senderInstead);
  return sortRanked([...ranks].map(([url, rank]) => ({ url, rank })));
}

/** Likeliest first; http before https among equals (cameras' certificates are self-signed); else as advertised. */
export function sortRanked(addresses: readonly RankedAddress[]): RankedAddress[] {
  const weight = ({ url, rank }: RankedAddress): number => rank * 2 + (url.startsWith('https:') ? 1 : 0);
  return [...addresses].sort((a, b) => weight(a) - weight(b));
}

/**
 * Reads one service address. Mends a doubled port (`http://192.168.1.106:8106:8106/…`) and a missing scheme;
 * user names, passwords and fragments are cut off. Undefined when it cannot be an HTTP address.
 */
export function parseServiceUrl(text: string): URL | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_LENGTH) return undefined;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const mended = absolute.replace(/^(https?:\/\/[^/?#]*?):(\d{1,5}):\2(?=[/?#]|$)/i, '$1:$2');
  let url: URL;
  try {
    url = new URL(mended);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/.test(url.hostname)) return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** `0.0.0.0` (go2rtc), `127.0.0.1` (yi-hack, Dafang), `localhost`, and their IPv6 kin. */
function isUnusable(host: string): boolean {
  if (host === 'localhost' || host === '[::]' || host === '[::1]') return true;
  return isLoopback(host) || parseIpv4(host) === 0;
}

function withHost(url: URL, host: string): string {
  const copy = new URL(url);
  copy.hostname = host;
  return copy.href;
}
