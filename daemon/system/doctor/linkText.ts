/** What iproute2, resolvectl and the kernel tell of the network, as text. Pure and total. */

export interface Address {
  readonly link: string;
  /** `192.168.1.20/24` */
  readonly address: string;
  /** global: others reach it by it · link: 169.254.x.x and fe80:: · host: nobody else does */
  readonly scope: string;
  readonly family: string;
}

/** @param text of `ip -j addr` */
export function parseAddresses(text: string): Address[] {
  return records(text).flatMap((link) =>
    list(link.addr_info).flatMap((one) => {
      if (typeof one.local !== 'string' || typeof link.ifname !== 'string') return [];
      const scope = one.local.startsWith('169.254.') ? 'link' : String(one.scope ?? '');
      const address = `${one.local}/${Number(one.prefixlen)}`;
      return [{ link: link.ifname, address, scope, family: String(one.family ?? '') }];
    }),
  );
}

export interface Gateway {
  readonly address: string;
  readonly link: string;
}

/** @param text of `ip -j route show default` */
export function parseGateways(text: string): Gateway[] {
  return records(text).flatMap(({ dst, gateway, dev }) =>
    dst === 'default' && typeof gateway === 'string' && typeof dev === 'string'
      ? [{ address: gateway, link: dev }]
      : [],
  );
}

/**
 * What the kernel knows of a neighbour without asking it: REACHABLE, STALE (it was, and nobody has asked since), FAILED, …
 * @param text of `ip -j neigh`
 */
export function neighbourState(text: string, address: string): string | undefined {
  const one = records(text).find(({ dst }) => dst === address);
  return typeof one?.state === 'string' ? one.state : list0(one?.state);
}

const list0 = (value: unknown) =>
  Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined;

/** `Link 2 (eth0): 192.168.1.1 192.168.1.2` of `resolvectl dns` and `resolvectl mdns`; the first row is of all links. */
export function parseResolve(text: string): { link: string; values: string[] }[] {
  return text.split('\n').flatMap((row) => {
    const [, global, link, rest = ''] =
      /^(?:(Global)|Link \d+ \(([^)]{1,64})\)):(.*)$/.exec(row.trim()) ?? [];
    const name = global ? '' : link;
    return name === undefined ? [] : [{ link: name, values: rest.trim().split(/\s+/).filter(Boolean) }];
  });
}

/** resolv.conf(5). */
export function parseResolvConf(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S{1,64})/gm)].map(([, server = '']) => server);
}

/**
 * Level of the received signal in dBm for each link.
 * @param text /proc/net/wireless, which cfg80211 writes too
 */
export function parseWireless(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const row of text.split('\n').slice(2)) {
    const [, link, level] = /^\s*([^\s:]{1,15}):\s+\S+\s+\S+\s+(-?\d{1,3})\.?\s/.exec(row) ?? [];
    // 0 and above: this driver counts otherwise.
    if (link !== undefined && Number(level) < 0) found.set(link, Number(level));
  }
  return found;
}

type Fields = Readonly<Record<string, unknown>>;
function records(text: string): readonly Fields[] {
  try {
    return list(JSON.parse(text));
  } catch {
    return [];
  }
}
function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}
