/** Which interfaces a search uses. Pure: the list of the host's interfaces comes in. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { Ipv4Network } from './ipv4.ts';

export interface InterfaceChoice {
  readonly networks: readonly Ipv4Network[];
  /** Names that were asked for and cannot be searched, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Every IPv4 address of the named interfaces; without names, of all but loopback. One entry per address and not per
 * interface, since a camera in a second subnet on the same wire answers only a probe from its own subnet.
 */
export function chooseNetworks(
  host: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  names?: readonly string[],
): InterfaceChoice {
  const problems: string[] = [];
  const networks: Ipv4Network[] = [];
  for (const name of names ?? Object.keys(host)) {
    const all = Object.hasOwn(host, name) ? host[name] : undefined;
    const usable = (all ?? []).filter(
      (info) => info.family === 'IPv4' && (names !== undefined || !info.internal),
    );
    if (names !== undefined && usable.length === 0)
      problems.push(
        all ? `${name}: no IPv4 address` : `${name}: no such interface, or it is down or without an address`,
      );
    for (const { address, netmask } of usable)
      if (!networks.some((known) => known.name === name && known.address === address))
        networks.push({ name, address, netmask });
  }
  return { networks, problems };
}
