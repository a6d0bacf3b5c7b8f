import os from 'node:os';

/** Bridges, tunnels and the like: phones are not there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vnet|lxc|lxd|cni|flannel|tun|tap|wg|tailscale|zt)/;

type Interfaces = ReturnType<typeof os.networkInterfaces>;

/**
 * Addresses by which a phone in the building reaches this machine, the likeliest first: IPv4 of real network cards, then
 * of virtual ones, then IPv6. Link-local addresses come last or, for IPv6, not at all: browsers cannot open them.
 * @param bound the address that the server listens on
 */
export function lanAddresses(bound: string, interfaces: Interfaces = os.networkInterfaces()): string[] {
  const isAny = bound === '0.0.0.0' || bound === '::';
  if (!isAny) return [bound];
  return Object.entries(interfaces)
    .flatMap(([name, infos]) => (infos ?? []).map((info) => ({ name, ...info })))
    .filter(({ internal, family, address }) => {
      if (internal || /^fe80:/i.test(address)) return false;
      return family === 'IPv4' || bound === '::';
    })
    .map(({ name, family, address }) => ({
      address,
      rank:
        (family === 'IPv4' ? 0 : 4) + (VIRTUAL.test(name) ? 2 : 0) + (address.startsWith('169.254.') ? 1 : 0),
    }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ address }) => address);
}

/** `http://192.168.1.5:8080`; IPv6 in brackets, the usual port left out. */
export function origin(scheme: 'http' | 'https', address: string, port: number): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const usual = scheme === 'https' ? 443 : 80;
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}`;
}
