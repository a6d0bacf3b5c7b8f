import type { SiteHost, SiteNetwork } from '../schema.ts';
import type { HostProblem } from './hostFile.ts';
import { contains, parseCidr, parseIp, unusable } from './ipAddress.ts';
import { linkKind } from './linkName.ts';
import { linksOf } from './networkFiles.ts';
import { recordingDiskProblems } from './recordingDisk.ts';
import { readKey } from './sshKeys.ts';
import { updateAddress } from './updateSource.ts';

/**
 * What the schema cannot say. Checks the characters of every value again, so that nothing passes which could become
 * another line or section of a file, whoever made the value. Certificates: certificateCheck.ts.
 */
export function hostProblems(host: SiteHost): HostProblem[] {
  const problems: HostProblem[] = [];
  const say = (field: string, message: string) => problems.push({ field, message });

  if (host.hostname !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(host.hostname)) {
    say('hostname', 'must be one label: letters, digits and hyphens, 63 at most, no dot.');
  }
  if (host.time_zone !== undefined && !isTimeZone(host.time_zone)) {
    say('time_zone', `${quoted(host.time_zone)} is no time zone: give an IANA name such as Asia/Taipei.`);
  }
  for (const [index, server] of (host.ntp ?? []).entries()) {
    if (!isServer(server)) say(`ntp[${index}]`, `${quoted(server)} is neither an address nor a name.`);
  }
  for (const [index, key] of (host.authorized_keys ?? []).entries()) {
    const read = readKey(key);
    if ('problem' in read) say(`authorized_keys[${index}]`, `${read.problem}.`);
  }
  if (host.update_source !== undefined && updateAddress(host.update_source) === undefined) {
    say('update_source', 'must be an http or https address without blanks, quotes, $ and the like.');
  }
  for (const field of ['screen_rotation', 'screen_rotation_2'] as const) {
    const degrees = host[field];
    if (degrees !== undefined && ![0, 90, 180, 270].includes(degrees))
      say(field, 'must be 0, 90, 180 or 270.');
  }
  return [...problems, ...networkProblems(host.network ?? []), ...recordingDiskProblems(host.recording_disk)];
}

function networkProblems(networks: readonly SiteNetwork[]): HostProblem[] {
  const places = new Map(networks.map((entry, index) => [entry, `network[${index}]`]));
  const single = networks.flatMap((entry, index) => entryProblems(entry, `network[${index}]`));
  return single.length > 0 ? single : [...linkProblems(networks, places), ...twice(networks)];
}

function entryProblems(entry: SiteNetwork, place: string): HostProblem[] {
  const problems: HostProblem[] = [];
  const say = (field: string, message: string) => problems.push({ field: `${place}${field}`, message });

  if (linkKind(entry.interface) === undefined) {
    say(
      '.interface',
      `${quoted(entry.interface ?? '')} is neither a name (enp1s0) nor a MAC address (00:60:e0:*).`,
    );
  }
  if (entry.vlan !== undefined && !(Number.isInteger(entry.vlan) && entry.vlan >= 1 && entry.vlan <= 4094)) {
    say('.vlan', 'must be a number from 1 to 4094.');
  }
  if (entry.wifi !== undefined) {
    if (entry.vlan !== undefined) say('.vlan', 'a wireless interface carries no VLAN.');
    const { ssid, passphrase } = entry.wifi;
    const bytes = Buffer.byteLength(ssid ?? '');
    if (bytes === 0) say('.wifi.ssid', 'the name of the Wi-Fi network is missing.');
    if (bytes > 32)
      say('.wifi.ssid', `has ${bytes} bytes in UTF-8; a name of a Wi-Fi network has 32 at most.`);
    if (ssid?.includes('\0')) say('.wifi.ssid', 'holds a character that no name may hold.');
    if (passphrase !== undefined && !/^[ -~]{8,63}$/.test(passphrase)) {
      say(
        '.wifi.passphrase',
        'must have 8 to 63 characters, each a letter, a digit, a blank or a sign of ASCII.',
      );
    }
  }

  const addresses = (entry.address ?? []).map((text, index) => ({ text, index, cidr: parseCidr(text) }));
  for (const { text, index, cidr } of addresses) {
    const fault = cidr
      ? unusable(cidr)
      : 'is no address with the length of its prefix (0–32 for IPv4, 0–128 for IPv6), such as 192.168.1.20/24';
    if (fault !== undefined) say(`.address[${index}]`, `${quoted(text)} ${fault}.`);
  }
  const networks = addresses.flatMap(({ cidr }) => cidr ?? []);
  for (const [index, text] of (entry.gateway ?? []).entries()) {
    const gateway = parseIp(text);
    const field = `.gateway[${index}]`;
    if (!gateway) say(field, `${quoted(text)} is no address.`);
    else if (entry.address === undefined) {
      say(field, 'goes with a fixed address: give "address" too, or leave the gateway to DHCP.');
    } else if (networks.some((one) => one.family === gateway.family && one.value === gateway.value)) {
      say(field, `${text} is the address of this box itself.`);
    } else if (!isLinkLocal(gateway) && !networks.some((network) => contains(network, gateway))) {
      say(field, `${text} lies in no network of ${(entry.address ?? []).join(', ')}.`);
    }
  }
  for (const [index, text] of (entry.dns ?? []).entries()) {
    if (!parseIp(text)) say(`.dns[${index}]`, `${quoted(text)} is no address.`);
  }
  return problems;
}

/** An interface is described once; several Wi-Fi networks on it must agree about the addresses. */
function linkProblems(
  networks: readonly SiteNetwork[],
  places: ReadonlyMap<SiteNetwork, string>,
): HostProblem[] {
  return linksOf(networks).flatMap((link) => {
    const problems: HostProblem[] = [];
    const seen = new Map<string, string>();
    const first = link.entries[0];
    for (const entry of [...link.entries, ...link.vlans]) {
      const what = entry.wifi ? `wifi ${entry.wifi.ssid}` : `vlan ${entry.vlan ?? 'none'}`;
      const field = places.get(entry) ?? 'network';
      const before = seen.get(what);
      if (before !== undefined) {
        problems.push({ field, message: `describes the same as ${before}: put the two into one entry.` });
      } else if (entry.vlan !== undefined && link.wireless) {
        problems.push({ field, message: 'a wireless interface carries no VLAN.' });
      } else if (entry.vlan === undefined && first && addressesOf(entry) !== addressesOf(first)) {
        const message = `the Wi-Fi networks of one interface have the same addresses: differs from ${places.get(first)}.`;
        problems.push({ field, message });
      }
      seen.set(what, field);
    }
    return problems;
  });
}

/** The same address on two interfaces. */
function twice(networks: readonly SiteNetwork[]): HostProblem[] {
  const seen = new Map<string, SiteNetwork>();
  return networks.flatMap((entry, index) =>
    (entry.address ?? []).flatMap((text, at) => {
      const cidr = parseCidr(text);
      const key = `${cidr?.family} ${cidr?.value}`;
      const before = seen.get(key);
      seen.set(key, entry);
      const same = before === undefined || (before !== entry && before.wifi && entry.wifi);
      return same
        ? []
        : [{ field: `network[${index}].address[${at}]`, message: `${text} is there a second time.` }];
    }),
  );
}

function addressesOf({ address, gateway, dns }: SiteNetwork): string {
  return JSON.stringify([address, gateway, dns]);
}

function isLinkLocal({ family, value }: { family: 4 | 6; value: bigint }): boolean {
  return family === 6 && value >> 118n === 0x3fan;
}

/** Not offsets such as +08:00, which Intl takes too: the machine's clock knows names only. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function isServer(text: string): boolean {
  if (parseIp(text)) return true;
  const labels = text.split('.');
  return (
    text.length <= 253 &&
    !/^[\d.]+$/.test(text) &&
    labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  );
}

/** As JSON writes it, so that a line break shows; cut short. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
