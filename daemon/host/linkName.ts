/** How a site file says which network interface it means, and how systemd-networkd is told. */

/**
 * - `name`: enp1s0 · `mac`: 00:60:e0:12:34:56 · `nameGlob`: enp* · `macGlob`: 00:60:e0:*
 * - `any`: nothing was said: every wired one, or every wireless one
 */
export type LinkKind = 'name' | 'mac' | 'nameGlob' | 'macGlob' | 'any';

/** Undefined: neither a name nor a MAC address. Linux allows no colon in names, so one tells them apart. */
export function linkKind(link: string | undefined): LinkKind | undefined {
  if (link === undefined) return 'any';
  if (link.includes(':')) {
    if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(link)) return 'mac';
    return /^[0-9a-f*?:]{1,64}$/i.test(link) && /[*?]/.test(link) ? 'macGlob' : undefined;
  }
  if (!/^[A-Za-z0-9*?_.-]{1,64}$/.test(link)) return undefined;
  return /[*?]/.test(link) ? 'nameGlob' : 'name';
}

/** The same for two ways of writing the same interface. */
export function linkKey(link: string | undefined, wireless: boolean): string {
  if (link === undefined) return wireless ? ' wireless' : ' wired';
  return link.includes(':') ? link.toLowerCase() : link;
}

/**
 * The lines of `[Match]` (systemd.network(5)).
 *
 * A VLAN device has the MAC address of its parent and may fit its glob: but for exact names, VLANs are kept out.
 * `MACAddress=` takes no globs. udev's ID_NET_NAME_MAC does (`enx0060e0123456`, `wlx…`): matched by fnmatch(3).
 */
export function matchLines(link: string | undefined, wireless: boolean): string[] {
  const kind = linkKind(link);
  if (link === undefined || kind === 'any') return wireless ? ['Type=wlan'] : ['Type=ether', 'Kind=!*'];
  if (kind === 'name') return [`Name=${link}`];
  if (kind === 'nameGlob') return [`Name=${link}`, 'Kind=!vlan'];
  if (kind === 'mac') return [`MACAddress=${link.toLowerCase()}`, 'Kind=!vlan'];
  return [`Property=ID_NET_NAME_MAC=??x${link.toLowerCase().replaceAll(':', '')}`, 'Kind=!vlan'];
}
