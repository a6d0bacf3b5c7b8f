/**
 * Many replies, few devices. A camera answers once per probe, per interface and per address, over WS-Discovery and
 * over SSDP; what arrives later is merged, not ignored (sane-airscan#44). Pure. README, cases 14 and 22.
 */
import type { DiscoveredDevice } from '../schema.ts';
import { isLinkLocal } from './ipv4.ts';
import { type RankedAddress, sortRanked } from './xaddrs.ts';

/** A device as discovery knows it; whether it is one of our cameras, and its profiles, are added above. */
export type FoundDevice = Omit<DiscoveredDevice, 'camera' | 'make' | 'adoption' | 'onvif' | 'onvif_error'>;

export type Via = FoundDevice['via'][number];

/** One reply, read. */
export interface Sighting {
  readonly via: Via;
  /** IPv4 source address. */
  readonly address: string;
  /** Name of the interface that heard it. */
  readonly interface: string;
  readonly endpoint?: string | undefined;
  /** `uuid:…` of UPnP; many cameras give the same in their endpoint reference. */
  readonly udn?: string | undefined;
  readonly mac?: string | undefined;
  /** From a UPnP description: tells two devices behind one address apart. */
  readonly serial?: string | undefined;
  readonly name?: string | undefined;
  readonly hardware?: string | undefined;
  readonly location?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly xaddrs: readonly RankedAddress[];
}

interface Entry {
  id: string | undefined;
  address: string;
  interface: string;
  endpoint: string | undefined;
  mac: string | undefined;
  serials: Set<string>;
  /** Of the endpoint reference and of UPnP. */
  uuids: Set<string>;
  addresses: Set<string>;
  xaddrs: Map<string, number>;
  /** What each way of discovery said; WS-Discovery wins, whichever came first. */
  facts: Map<Via, Facts>;
  reported: string;
}
type Facts = Partial<Record<'name' | 'hardware' | 'location' | 'manufacturer', string>>;

const FACTS = ['name', 'hardware', 'location', 'manufacturer'] as const;
const MAX_DEVICES = 1024;
const MAX_XADDRS = 16;

export class DeviceMerger {
  readonly #entries: Entry[] = [];
  #settled = false;

  /**
   * Takes one reply in. Returns the device when it is new or when more is known of it now.
   *
   * A device's id never changes once it was returned. So before `settle()` a device without endpoint reference is kept
   * back: its WS-Discovery answer, and with it the lasting id, may be on the way.
   */
  add(sighting: Sighting): FoundDevice | undefined {
    let entry = this.#find(sighting);
    if (!entry) {
      if (this.#entries.length >= MAX_DEVICES) return undefined;
      entry = newEntry(sighting);
      this.#entries.push(entry);
    }
    absorb(entry, sighting);
    return this.#report(entry);
  }

  /** From now on devices without endpoint reference are reported too. Returns those that waited. */
  settle(): FoundDevice[] {
    this.#settled = true;
    return this.#entries.map((entry) => this.#report(entry)).filter((device) => device !== undefined);
  }

  /** All devices that were reported, in the order in which they were found. */
  devices(): FoundDevice[] {
    return this.#entries.filter((entry) => entry.id !== undefined).map(deviceOf);
  }

  /** Is a device of this address known already with a service address? */
  knows(address: string): boolean {
    return this.#entries.some((entry) => entry.addresses.has(address) && entry.xaddrs.size > 0);
  }

  #find(sighting: Sighting): Entry | undefined {
    const { endpoint, mac, serial, address } = sighting;
    // Clones ship with one endpoint reference for all; then the MAC tells them apart.
    const sameMac = (entry: Entry): boolean => mac !== undefined && entry.mac === mac;
    const otherMac = (entry: Entry): boolean =>
      mac !== undefined && entry.mac !== undefined && entry.mac !== mac;
    const otherEndpoint = (entry: Entry): boolean =>
      endpoint !== undefined && entry.endpoint !== undefined && entry.endpoint !== endpoint;
    const candidates = this.#entries.filter((entry) => !otherMac(entry));
    const uuids = uuidsOf(sighting);
    const at = (entry: Entry): boolean => entry.addresses.has(address);
    const here = candidates.filter(at);
    // Several devices behind one address (an NVR, port forwarding): the address alone tells nothing there.
    const shared = here.filter((entry) => entry.endpoint !== undefined).length > 1;
    return (
      candidates.find((entry) => endpoint !== undefined && entry.endpoint === endpoint) ??
      // Even with another MAC: a UPnP serial number of twelve hex digits need not be one.
      this.#entries.find(
        (entry) => at(entry) && !otherEndpoint(entry) && uuids.some((uuid) => entry.uuids.has(uuid)),
      ) ??
      here.find(
        (entry) =>
          !(shared && uuids.length > 0) &&
          (endpoint === undefined || entry.endpoint === undefined) &&
          (serial === undefined || entry.serials.size === 0 || entry.serials.has(serial)),
      ) ??
      candidates.find((entry) => sameMac(entry) && !otherEndpoint(entry)) ??
      // The same service URL is the same device, also when it invents a new endpoint reference for each answer.
      candidates.find((entry) => sighting.xaddrs.some(({ url, rank }) => rank <= 1 && entry.xaddrs.has(url)))
    );
  }

  #report(entry: Entry): FoundDevice | undefined {
    if (entry.id === undefined) {
      if (entry.endpoint === undefined && !this.#settled) return undefined;
      entry.id = this.#freeId(entry);
    }
    const device = deviceOf(entry);
    const text = JSON.stringify(device);
    if (text === entry.reported) return undefined;
    entry.reported = text;
    return device;
  }

  #freeId(entry: Entry): string {
    const taken = (id: string): boolean => this.#entries.some((other) => other.id === id);
    const wishes = [
      entry.endpoint,
      entry.mac,
      entry.address,
      ...[...entry.serials].map((s) => `${entry.address}-${s}`),
    ];
    for (const wish of wishes) if (wish !== undefined && !taken(wish)) return wish;
    let count = 2;
    while (taken(`${entry.address}-${count}`)) count += 1;
    return `${entry.address}-${count}`;
  }
}

function newEntry(sighting: Sighting): Entry {
  return {
    id: undefined,
    address: sighting.address,
    interface: sighting.interface,
    endpoint: undefined,
    mac: undefined,
    serials: new Set(),
    uuids: new Set(),
    addresses: new Set(),
    xaddrs: new Map(),
    facts: new Map(),
    reported: '',
  };
}

/** The bare UUIDs of a sighting, lower case. */
function uuidsOf({ endpoint, udn }: Sighting): string[] {
  return [endpoint, udn]
    .map((text) => /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec(text?.toLowerCase() ?? '')?.[0])
    .filter((uuid) => uuid !== undefined);
}

function absorb(entry: Entry, sighting: Sighting): void {
  // The first answer of a camera with two addresses often comes from 169.254/16 (agsh#63).
  if (isLinkLocal(entry.address) && !isLinkLocal(sighting.address)) {
    entry.address = sighting.address;
    entry.interface = sighting.interface;
  }
  entry.endpoint ??= sighting.endpoint;
  entry.mac ??= sighting.mac;
  for (const uuid of uuidsOf(sighting)) if (entry.uuids.size < MAX_XADDRS) entry.uuids.add(uuid);
  if (sighting.serial !== undefined && entry.serials.size < MAX_XADDRS) entry.serials.add(sighting.serial);
  if (entry.addresses.size < MAX_XADDRS) entry.addresses.add(sighting.address);
  for (const { url, rank } of sighting.xaddrs) {
    const known = entry.xaddrs.get(url);
    if (known === undefined && entry.xaddrs.size >= MAX_XADDRS) continue;
    entry.xaddrs.set(url, Math.min(rank, known ?? rank));
  }
  const facts: Facts = entry.facts.get(sighting.via) ?? {};
  for (const key of FACTS) {
    const value = sighting[key];
    if (value !== undefined) facts[key] ??= value;
  }
  entry.facts.set(sighting.via, facts);
}

function deviceOf(entry: Entry): FoundDevice {
  const fact = (key: (typeof FACTS)[number]): string | null =>
    entry.facts.get('ws-discovery')?.[key] ?? entry.facts.get('ssdp')?.[key] ?? null;
  const xaddrs = sortRanked([...entry.xaddrs].map(([url, rank]) => ({ url, rank }))).map(({ url }) => url);
  return {
    id: entry.id ?? entry.endpoint ?? entry.mac ?? entry.address,
    address: entry.address,
    onvif_url: xaddrs[0] ?? null,
    xaddrs,
    name: fact('name'),
    hardware: fact('hardware'),
    location: fact('location'),
    mac: entry.mac ?? null,
    manufacturer: fact('manufacturer'),
    via: [...entry.facts.keys()].sort().reverse() as Via[],
    interface: entry.interface,
  };
}
