import { isLocal } from './pictureUrl.ts';

/**
 * Where the admin page is to be found from another machine, at most three ways. None while the box talks to itself only.
 * @param addresses of the box's interfaces @param reachable the daemon listens to others too
 */
export function adminAddresses(
  addresses: readonly { address: string }[],
  reachable: boolean,
  { protocol, hostname, host, port }: Pick<Location, 'protocol' | 'hostname' | 'host' | 'port'>,
): string[] {
  if (!isLocal(hostname)) return [`${protocol}//${host}/admin`];
  if (!reachable) return [];
  return addresses
    .map(({ address }) => address)
    .filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address) && !isLocal(address))
    .slice(0, 3)
    .map((address) => `http://${address}${port && `:${port}`}/admin`);
}
