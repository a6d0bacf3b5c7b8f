/**
 * The section on the network. Only what the box knows already: nothing is sent, so that a firewall’s log stays quiet and a
 * page from a foreign network can be trusted. Whether cameras are reached, the daemon tells.
 */
import type { DoctorLine } from '../../schema.ts';
import { fact, look, unknown, well, wrong } from './line.ts';
import {
  type Address,
  type Gateway,
  neighbourState,
  parseAddresses,
  parseGateways,
  parseResolvConf,
  parseResolve,
  parseWireless,
} from './linkText.ts';
import { type Machine, numberOf, outputOf, textOf, whyNoOutput } from './machine.ts';
import { counted, joined } from './words.ts';

export async function networkLines(machine: Machine): Promise<DoctorLine[]> {
  const addressed = await machine.run('ip', '-j', 'addr');
  const addresses = addressed.ok ? parseAddresses(addressed.out) : [];
  const [links, gateway, dns, mdns, conflicts] = await Promise.all([
    linkLines(machine, addresses),
    gatewayLines(machine),
    dnsLine(machine),
    nameLine(machine),
    conflictLines(machine),
  ]);
  const lines = [...links];
  if (!addressed.ok) lines.push(unknown('network.addresses', 'Addresses', whyNoOutput(addressed, 'ip')));
  else lines.push(...addressLines(addresses));
  return [...lines, ...gateway, dns, mdns, ...conflicts];
}

async function linkLines(machine: Machine, addresses: readonly Address[]): Promise<DoctorLine[]> {
  const names = (await machine.list('/sys/class/net')).filter((name) => name !== 'lo').slice(0, 64);
  const wireless = parseWireless((await textOf(machine, '/proc/net/wireless')) ?? '');
  const reaching = new Set(addresses.filter(({ scope }) => scope === 'global').map(({ link }) => link));
  const links = await Promise.all(names.map((name) => readLink(machine, name)));
  // Bridges of containers, tunnels that nobody uses and the like help nobody.
  const shown = links.filter(({ name, hardware }) => hardware || reaching.has(name)).slice(0, 12);
  const lines = shown.flatMap((link) => [linkLine(link), ...signalLines(link.name, wireless)]);
  if (!shown.some(({ up }) => up))
    lines.push(
      wrong(
        'network.links',
        'Network',
        shown.length === 0 ? 'there is no network card' : 'no link is up',
        'Is the cable in, on both ends? Is the switch on?',
      ),
    );
  return lines;
}

interface Link {
  readonly name: string;
  readonly hardware: boolean;
  readonly up: boolean;
  readonly wireless: boolean;
  readonly speed: number | undefined;
  readonly duplex: string | undefined;
  readonly changes: number | undefined;
  readonly packets: number;
  readonly errors: number;
  readonly drops: number;
}

async function readLink(machine: Machine, name: string): Promise<Link> {
  const base = `/sys/class/net/${name}`;
  const count = async (file: string) => (await numberOf(machine, `${base}/statistics/${file}`)) ?? 0;
  const [files, state, carrier, speed, duplex, changes, ...counts] = await Promise.all([
    machine.list(base),
    textOf(machine, `${base}/operstate`),
    numberOf(machine, `${base}/carrier`),
    numberOf(machine, `${base}/speed`),
    textOf(machine, `${base}/duplex`),
    numberOf(machine, `${base}/carrier_changes`),
    ...['rx_packets', 'tx_packets', 'rx_errors', 'tx_errors', 'rx_dropped'].map(count),
  ]);
  const [received = 0, sent = 0, badIn = 0, badOut = 0, drops = 0] = counts;
  return {
    name,
    hardware: files.includes('device'),
    // Some drivers know no state, but a carrier.
    up: state === 'up' || (state === 'unknown' && carrier === 1),
    wireless: files.includes('wireless') || files.includes('phy80211'),
    speed: speed !== undefined && speed > 0 ? speed : undefined,
    duplex: duplex === 'unknown' ? undefined : duplex,
    changes,
    packets: received + sent,
    errors: badIn + badOut,
    drops,
  };
}

/** More than one packet in ten thousand: a wire does better. */
const MOST_ERRORS = 1e-4;
const MOST_CHANGES = 20;

function linkLine(link: Link): DoctorLine {
  const { name, up, speed, duplex, changes, errors, drops, packets, wireless } = link;
  const id = `network.link.${name}`;
  const title = `Link ${name}`;
  if (!up) return fact(id, title, 'down: no cable, or not set up');
  const text = joined([
    wireless ? 'wireless' : 'up',
    speed !== undefined && `${speed} Mbit/s${duplex === undefined ? '' : ` ${duplex} duplex`}`,
    `${errors} errors and ${drops} drops in ${counted(packets, 'packet')}`,
    changes !== undefined && `${counted(changes, 'carrier change')}`,
  ]);
  const faults = joined(
    [
      duplex === 'half' && 'It runs half duplex: leave the switch’s port to negotiate by itself.',
      speed !== undefined && speed < 100 && 'It runs at 10 Mbit/s, too slow for a wall: change the cable.',
      errors > 10 &&
        errors / Math.max(packets, 1) > MOST_ERRORS &&
        'Packets are damaged on the way: change the cable or the port.',
      !wireless &&
        (changes ?? 0) > MOST_CHANGES &&
        'The link comes and goes: look at the cable, its plugs and the switch.',
    ],
    ' ',
  );
  return faults === '' ? well(id, title, text) : look(id, title, text, faults);
}

function signalLines(name: string, wireless: ReadonlyMap<string, number>): DoctorLine[] {
  const level = wireless.get(name);
  if (level === undefined) return [];
  const id = `network.signal.${name}`;
  const text = `${level} dBm`;
  const advice = 'Weak for video: bring the access point nearer, or lay a cable.';
  return [
    level < -70
      ? look(id, `Signal of ${name}`, text, advice, [level, 'dbm'])
      : well(id, `Signal of ${name}`, text, [level, 'dbm']),
  ];
}

function addressLines(addresses: readonly Address[]): DoctorLine[] {
  const [id, name] = ['network.addresses', 'Addresses'] as const;
  const global = addresses.filter(({ scope }) => scope === 'global');
  const shown = global.slice(0, 12).map(({ link, address }) => `${link} ${address}`);
  if (global.some(({ family }) => family === 'inet')) return [well(id, name, shown.join(', '))];
  const made = addresses.filter(({ address }) => address.startsWith('169.254.'));
  const advice =
    'No DHCP server answered: is there one in this network? Otherwise give the box a fixed address.';
  if (made.length > 0)
    return [look(id, name, made.map(({ link, address }) => `${link} ${address}`).join(', '), advice)];
  return [wrong(id, name, shown.length === 0 ? 'none' : `no IPv4: ${shown.join(', ')}`, advice)];
}

async function gatewayLines(machine: Machine): Promise<DoctorLine[]> {
  const [id, name] = ['network.gateway', 'Gateway'] as const;
  const routes = await outputOf(machine, 'ip', '-j', 'route', 'show', 'default');
  if (routes === undefined) return [unknown(id, name, 'the program ip cannot be used')];
  const gateways = parseGateways(routes);
  if (gateways.length === 0)
    return [
      look(id, name, 'none', 'Fine where all cameras and the time server are in this network; else set one.'),
    ];
  const neighbours = (await outputOf(machine, 'ip', '-j', 'neigh')) ?? '[]';
  return gateways
    .slice(0, 4)
    .map((gateway) => gatewayLine(gateway, neighbourState(neighbours, gateway.address)));
}

function gatewayLine({ address, link }: Gateway, state: string | undefined): DoctorLine {
  const [id, name] = [`network.gateway.${link}`, 'Gateway'] as const;
  const where = `${address} by ${link}`;
  switch (state) {
    case 'REACHABLE':
    case 'PERMANENT':
    case 'NOARP':
      return well(id, name, `${where}, answers`);
    case 'STALE':
    case 'DELAY':
    case 'PROBE':
      return well(id, name, `${where}, has answered`);
    case 'FAILED':
    case 'INCOMPLETE':
      return wrong(
        id,
        name,
        `${where}, does not answer`,
        'Is the router on, and is its address still this one?',
      );
    default:
      return fact(id, name, `${where}, nobody has asked it yet`);
  }
}

async function dnsLine(machine: Machine): Promise<DoctorLine> {
  const [id, name] = ['network.dns', 'DNS'] as const;
  const resolved = await outputOf(machine, 'resolvectl', '--no-pager', 'dns');
  const servers =
    resolved === undefined
      ? parseResolvConf((await textOf(machine, '/etc/resolv.conf')) ?? '')
      : parseResolve(resolved).flatMap(({ values }) => values);
  if (servers.length > 0) return well(id, name, [...new Set(servers)].slice(0, 8).join(', '));
  return look(id, name, 'no server', 'Fine where everything is named by address; else set one.');
}

async function nameLine(machine: Machine): Promise<DoctorLine> {
  const [id, name] = ['network.name', 'Name'] as const;
  const host = (await textOf(machine, '/proc/sys/kernel/hostname')) ?? 'not known';
  const mdns = await outputOf(machine, 'resolvectl', '--no-pager', 'mdns');
  if (mdns === undefined) return fact(id, name, `${host}; whether it answers to ${host}.local is not known`);
  const links = parseResolve(mdns).filter(({ link, values }) => link !== '' && values[0] === 'yes');
  if (links.length > 0)
    return well(id, name, `${host}, answers to ${host}.local on ${links.map(({ link }) => link).join(', ')}`);
  return look(
    id,
    name,
    `${host}, and does not answer to ${host}.local`,
    'Reach it by its address, or set MulticastDNS=yes for its network.',
  );
}

/** networkd-ipv4acd.c: “eth0: Dropping address 192.168.1.20, as an address conflict was detected.” */
async function conflictLines(machine: Machine): Promise<DoctorLine[]> {
  const text = await outputOf(
    machine,
    ...([
      'journalctl',
      '-b',
      '-u',
      'systemd-networkd',
      '-g',
      'address conflict',
      '-o',
      'cat',
      '-n',
      '100',
      '--no-pager',
      '-q',
    ] as const),
  );
  const rows = (text ?? '').split('\n').filter((row) => /address conflict was detected/.test(row));
  if (rows.length === 0) return [];
  return [
    wrong(
      'network.conflict',
      'Address conflict',
      rows.at(-1) ?? '',
      'Another device has this address: give one of them another.',
      [rows.length, 'count'],
    ),
  ];
}
