import type { SiteNetwork } from '../schema.ts';
import type { HostFile } from './hostFile.ts';
import { linkKey, linkKind, matchLines } from './linkName.ts';

export const NETWORK_FOLDER = '/etc/systemd/network';
/** Ours and nobody else's: what a newer site file does not have any more is removed. Sorts before the image's 80-… */
export const OUR_NETWORK_FILES = /^10-walleye-[^/]*\.(network|netdev)$/;

const HEAD = '# Written by Walleye from the site file. Put changes there.\n';

/** One interface, or several that one pattern fits: systemd-networkd takes the first file only that fits an interface. */
export interface Link {
  interface: string | undefined;
  wireless: boolean;
  /** What is said of it itself; several: of several Wi-Fi networks, all with the same addresses. */
  entries: SiteNetwork[];
  vlans: SiteNetwork[];
}

/** Entries of one interface put together; exact names come first, so that a pattern does not take their interface. */
export function linksOf(networks: readonly SiteNetwork[]): Link[] {
  const links = new Map<string, Link>();
  for (const entry of networks) {
    const wireless = entry.wifi !== undefined;
    const key = linkKey(entry.interface, wireless);
    const link = links.get(key) ?? { interface: entry.interface, wireless, entries: [], vlans: [] };
    link.wireless ||= wireless;
    (entry.vlan === undefined ? link.entries : link.vlans).push(entry);
    links.set(key, link);
  }
  const order = ['name', 'mac', 'nameGlob', 'macGlob', 'any'];
  const rank = (link: Link) => order.indexOf(linkKind(link.interface) ?? 'any');
  return [...links.values()].sort((a, b) => rank(a) - rank(b));
}

/**
 * The files of systemd-networkd for all interfaces of a site. Where only VLANs are named, the interface itself gets no
 * address: on a trunk port untagged traffic is somebody else's. Expects what hostCheck.ts has nothing against.
 */
export function networkFiles(networks: readonly SiteNetwork[]): HostFile[] {
  const names = new Set<string>();
  return linksOf(networks).flatMap((link, index) => {
    const vlans = link.vlans.map((entry) => ({ name: vlanName(entry.vlan ?? 0, names), entry }));
    const own = link.entries[0];
    const parent = [
      section('Match', matchLines(link.interface, link.wireless)),
      section('Link', ['RequiredForOnline=no']),
      ...(own ? addressing(own, link.wireless, vlans) : [section('Network', bare(vlans))]),
    ];
    return [
      file(`${String(index + 1).padStart(2, '0')}.network`, parent),
      ...vlans.flatMap(({ name, entry }) => [
        file(`${name}.netdev`, [
          section('NetDev', [`Name=${name}`, 'Kind=vlan']),
          section('VLAN', [`Id=${entry.vlan}`]),
        ]),
        file(`${name}.network`, [
          section('Match', [`Name=${name}`]),
          section('Link', ['RequiredForOnline=no']),
          ...addressing(entry, false, []),
        ]),
      ]),
    ];
  });
}

type Vlan = { name: string };

/** As in the image's 80-wired.network and 81-wireless.network, but for the addresses. */
function addressing(entry: SiteNetwork, wireless: boolean, vlans: Vlan[]): string[] {
  const { address, gateway = [], dns = [] } = entry;
  const network = [
    ...(address ? address.map((one) => `Address=${one}`) : ['DHCP=yes']),
    ...gateway.map((one) => `Gateway=${one}`),
    ...dns.map((one) => `DNS=${one}`),
    'LinkLocalAddressing=yes',
    'MulticastDNS=yes',
    ...(wireless ? ['IgnoreCarrierLoss=3s'] : []),
    ...vlans.map(({ name }) => `VLAN=${name}`),
  ];
  // The site's name servers instead of those that the network offers, not besides.
  const offered = dns.length > 0 ? ['UseDNS=no'] : [];
  const dhcp = ['UseDomains=yes', ...offered, ...(wireless ? ['RouteMetric=1100'] : [])];
  return [
    section('Network', network),
    ...(address ? [] : [section('DHCPv4', dhcp)]),
    ...(offered.length > 0 ? [section('DHCPv6', offered), section('IPv6AcceptRA', offered)] : []),
  ];
}

function bare(vlans: Vlan[]): string[] {
  return ['DHCP=no', 'LinkLocalAddressing=no', 'IPv6AcceptRA=no', ...vlans.map(({ name }) => `VLAN=${name}`)];
}

/** vlan20; the same number on another interface is vlan20-2. At most 15 bytes. */
function vlanName(id: number, taken: Set<string>): string {
  let name = `vlan${id}`;
  for (let n = 2; taken.has(name); n += 1) name = `vlan${id}-${n}`;
  taken.add(name);
  return name;
}

function section(name: string, lines: string[]): string {
  return `[${name}]\n${lines.map((line) => `${line}\n`).join('')}`;
}

function file(name: string, sections: string[]): HostFile {
  const content = `${HEAD}\n${sections.join('\n')}`;
  return { path: `${NETWORK_FOLDER}/10-walleye-${name}`, content, mode: 0o644, concerns: 'network' };
}
