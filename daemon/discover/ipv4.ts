/** IPv4 addresses as dotted text. Pure. */

/** One IPv4 address of one interface. */
export interface Ipv4Network {
  /** Interface name, e.g. `eth0`. */
  readonly name: string;
  readonly address: string;
  readonly netmask: string;
}

/** The address as an unsigned number, undefined when the text is no dotted quad. */
export function parseIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!parts) return undefined;
  let value = 0;
  for (const part of parts.slice(1)) {
    if (Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function isLoopback(address: string): boolean {
  return (parseIpv4(address) ?? 0) >>> 24 === 127;
}

/** 169.254.0.0/16 (RFC 3927). */
export function isLinkLocal(address: string): boolean {
  return (parseIpv4(address) ?? 0) >>> 16 === 0xa9fe;
}

/** Both in the network of that interface address. */
export function inNetwork(address: string, network: Ipv4Network): boolean {
  const [a, b, mask] = [address, network.address, network.netmask].map(parseIpv4);
  if (a === undefined || b === undefined || mask === undefined) return false;
  return (a & mask) === (b & mask);
}
