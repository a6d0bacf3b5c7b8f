/**
 * Finds the cameras of the local networks by WS-Discovery and SSDP, on every IPv4 address of this host, and those of other networks
 * by asking their addresses one by one.
 *
 *   probes ──► replyQueue ──► parseReply ──┐ (hint: unicast probe, then ask by HTTP)
 *   M-SEARCH ─► description XML ───────────┴─► DeviceMerger ──► found()
 */
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { chooseNetworks } from './interfaces.ts';
import { type Ipv4Network, inNetwork } from './ipv4.ts';
import { DeviceMerger, type FoundDevice, type Sighting } from './merge.ts';
import { findDeviceService } from './onvifCheck.ts';
import type { OtherAddresses } from './otherNetworks.ts';
import { openProbeSocket, type ProbeSocket } from './probeSockets.ts';
import { ReplyQueue } from './replyQueue.ts';
import { printable, readScopes } from './scopes.ts';
import { SEARCH_TARGETS, SsdpSearch } from './ssdp.ts';
import {
  buildProbe,
  PROBE_TYPES,
  type ProbeMatch,
  parseReply,
  WS_DISCOVERY_GROUP,
  WS_DISCOVERY_PORT,
} from './wsDiscovery.ts';
import { rankXAddrs } from './xaddrs.ts';

export interface DiscoverOptions {
  /** Interface names; default: all with IPv4 except loopback. `lo` is searched when named. */
  readonly interfaces?: readonly string[] | undefined;
  /** To be asked one by one as well: no multicast gets there. */
  readonly others?: OtherAddresses | undefined;
  /** Length of the search. Below five seconds slow cameras are missed (onvif-rs#48). */
  readonly seconds: number;
  /** Ends the search early; what was found so far is the result. */
  readonly signal?: AbortSignal | undefined;
  readonly log: Logger;
  /** Called for each device when it is found and again whenever more is known of it; its id stays the same. */
  readonly found: (device: FoundDevice) => void;
}

export interface DiscoverResult {
  readonly devices: FoundDevice[];
  /** Names of the interfaces that were searched. */
  readonly interfaces: string[];
  /** What could not be searched and why, one sentence each. */
  readonly problems: string[];
}

/** When the probes are sent, as parts of the search: repeated, since UDP loses some and slow cameras sleep. */
const ROUNDS = [0, 0.25, 0.5] as const;
/** Milliseconds, at random, so that many Walleyes switched on together do not probe in step. */
const JITTER = 100;
/** Milliseconds between two probes of a round: cameras have small receive buffers. */
const PROBE_GAP = 20;
/** Devices without endpoint reference wait that long for a WS-Discovery answer (see DeviceMerger). */
const SETTLE_AFTER = 0.4;
const MAX_PROBLEMS = 64;
/** Hosts asked directly because of a fault or half an answer. */
const MAX_HINTS = 64;
/** Milliseconds that a hinted host gets to answer the unicast probe well. */
const HINT_PATIENCE = 500;
/** What leads to other networks, and what found cameras there. */
const ROUTED: Ipv4Network = { name: 'routed', address: '0.0.0.0', netmask: '255.255.255.255' };
/** Of these, probes between two gaps. */
const AT_ONCE = 20;

/** Searches once. Never rejects: whatever goes wrong on one interface stands in `problems`, the others go on. */
export async function discover(options: DiscoverOptions): Promise<DiscoverResult> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, options.seconds * 1000);
  const search = new Search(options, over.signal);
  try {
    return await search.run();
  } finally {
    clearTimeout(timer);
    over.abort();
    options.signal?.removeEventListener('abort', stop);
  }
}

class Search {
  readonly #options: DiscoverOptions;
  readonly #signal: AbortSignal;
  readonly #merger = new DeviceMerger();
  readonly #sockets = new Map<string, ProbeSocket>();
  #routed: ProbeSocket | undefined;
  readonly #problems = new Set<string>();
  readonly #hinted = new Set<string>();
  readonly #ssdp: SsdpSearch;
  readonly #queue: ReplyQueue<{ data: Uint8Array; address: string; network: Ipv4Network }>;

  constructor(options: DiscoverOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#queue = new ReplyQueue((datagram) =>
      this.#reply(datagram.data, datagram.address, datagram.network),
    );
    this.#ssdp = new SsdpSearch({
      log: options.log,
      signal,
      problem: (text) => this.#problem(text),
      sighting: (sighting) => this.#ssdpSighting(sighting),
    });
  }

  async run(): Promise<DiscoverResult> {
    const length = this.#options.seconds * 1000;
    const settle = this.#pause(length * SETTLE_AFTER).then(() => this.#merger.settle().forEach(this.#found));
    const started = performance.now();
    const others = this.#askOthers(started);
    for (const [round, part] of ROUNDS.entries()) {
      await this.#pause(
        started + part * length + (round > 0 ? Math.random() * JITTER : 0) - performance.now(),
      );
      if (this.#signal.aborted) break;
      // Again each round: an interface may have come up, or got its address, in between.
      await this.#openSockets();
      this.#ssdp.search(SEARCH_TARGETS[round] ?? 'ssdp:all');
      for (const types of PROBE_TYPES) {
        for (const socket of this.#sockets.values()) this.#probe(socket, types, WS_DISCOVERY_GROUP);
        await this.#pause(PROBE_GAP);
      }
    }
    await this.#pause(Number.POSITIVE_INFINITY);
    await Promise.all([settle, others]);
    this.#queue.close();
    this.#ssdp.close();
    await Promise.all([...this.#sockets.values(), this.#routed].map((socket) => socket?.close()));
    if (this.#queue.dropped > 0)
      this.#problem(`${this.#queue.dropped} answers were too many and left unread`);
    if (this.#sockets.size === 0 && this.#problems.size === 0)
      this.#problem('No network interface has an IPv4 address');
    return {
      devices: this.#merger.devices(),
      interfaces: [...new Set([...this.#sockets.values()].map((socket) => socket.network.name))],
      problems: [...this.#problems],
    };
  }

  async #openSockets(): Promise<void> {
    let host: ReturnType<typeof networkInterfaces> = {};
    try {
      host = networkInterfaces();
    } catch (error) {
      // A unit with RestrictAddressFamilies= but without AF_NETLINK.
      this.#problem(`The network interfaces cannot be listed: ${String(error)}`);
    }
    const { networks, problems } = chooseNetworks(host, this.#options.interfaces);
    for (const text of problems) this.#problem(text);
    for (const network of networks) {
      const key = `${network.name} ${network.address}`;
      if (this.#sockets.has(key)) continue;
      const socket = await openProbeSocket(
        network,
        (data, address) => this.#queue.push({ data, address, network }),
        (text) => this.#problem(text),
      );
      if (!socket) continue;
      this.#sockets.set(key, socket);
      await this.#ssdp.open(network);
    }
  }

  #probe(socket: ProbeSocket, types: string, host: string): void {
    socket.send(buildProbe(types, crypto.randomUUID()), WS_DISCOVERY_PORT, host);
  }

  /** Routers pass no multicast on (case 21). Cameras that answer nobody by UDP are found only where they were named. */
  async #askOthers(started: number): Promise<void> {
    const { others, seconds } = this.#options;
    if (!others || others.addresses.length === 0) return;
    let unsent: string | undefined;
    const socket = await openProbeSocket(
      ROUTED,
      (data, address) => this.#queue.push({ data, address, network: ROUTED }),
      (text) => {
        unsent = text;
      },
    );
    this.#routed = socket;
    for (const [round, types] of PROBE_TYPES.entries()) {
      await this.#pause(started + (ROUNDS[round] ?? 1) * seconds * 1000 - performance.now());
      for (const [i, address] of others.addresses.entries()) {
        if (this.#signal.aborted) return;
        if (socket && !this.#merger.knows(address)) this.#probe(socket, types, address);
        if (i % AT_ONCE === AT_ONCE - 1) await this.#pause(PROBE_GAP);
      }
    }
    await this.#pause(HINT_PATIENCE);
    if (unsent !== undefined) this.#problem(`Other networks: ${unsent}`);
    for (const address of others.alone)
      void this.#tryUsualAddress({ via: 'ws-discovery', address, interface: ROUTED.name, xaddrs: [] });
  }

  #reply(data: Uint8Array, address: string, network: Ipv4Network): void {
    const reply = parseReply(data);
    const { log } = this.#options;
    if (reply.problem !== undefined)
      log.debug(
        { address, interface: network.name, bytes: data.byteLength },
        `WS-Discovery: ${reply.problem}`,
      );
    for (const match of reply.matches) if (match.onvif) this.#add(sightingOf(match, address, network));
    if (reply.hint) void this.#ask(address, network);
  }

  /** The host seems to speak ONVIF but did not say where: probe it alone, then try the usual address. */
  async #ask(address: string, network: Ipv4Network): Promise<void> {
    if (this.#hinted.has(address) || this.#hinted.size >= MAX_HINTS || this.#merger.knows(address)) return;
    this.#hinted.add(address);
    const socket = [...this.#sockets.values(), this.#routed].find(
      (candidate) => candidate?.network === network,
    );
    for (const types of PROBE_TYPES) if (socket) this.#probe(socket, types, address);
    await this.#pause(HINT_PATIENCE);
    await this.#tryUsualAddress({ via: 'ws-discovery', address, interface: network.name, xaddrs: [] });
  }

  #ssdpSighting(sighting: Sighting): void {
    this.#add(sighting);
    if (this.#hinted.has(sighting.address) || this.#hinted.size >= MAX_HINTS) return;
    this.#hinted.add(sighting.address);
    // A camera that SSDP found answers WS-Discovery too, most often: ask only if it did not.
    void this.#pause(HINT_PATIENCE).then(() => this.#tryUsualAddress({ ...sighting, xaddrs: [] }));
  }

  async #tryUsualAddress(sighting: Sighting): Promise<void> {
    if (this.#signal.aborted || this.#merger.knows(sighting.address)) return;
    const url = await findDeviceService(sighting.address, this.#signal);
    if (url !== undefined && !this.#merger.knows(sighting.address))
      this.#add({ ...sighting, xaddrs: rankXAddrs([url], sighting.address) });
  }

  #add(sighting: Sighting): void {
    if (this.#signal.aborted) return;
    const device = this.#merger.add(sighting);
    if (device) this.#found(device);
  }

  #found = (device: FoundDevice): void => {
    this.#options.log.debug({ id: device.id, address: device.address, via: device.via }, 'device found');
    try {
      this.#options.found(device);
    } catch (error) {
      // A listener's fault must not end the search for everybody else.
      this.#options.log.error({ err: error }, 'listener of the search failed');
    }
  };

  #problem(text: string): void {
    if (this.#problems.has(text) || this.#problems.size >= MAX_PROBLEMS) return;
    this.#problems.add(text);
    this.#options.log.warn({ problem: text }, 'discovery');
  }

  /** Ends early, without error, when the search is over. */
  async #pause(milliseconds: number): Promise<void> {
    if (this.#signal.aborted || milliseconds <= 0) return;
    if (Number.isFinite(milliseconds))
      await sleep(milliseconds, undefined, { signal: this.#signal }).catch(() => {});
    else await new Promise((resolve) => this.#signal.addEventListener('abort', resolve, { once: true }));
  }
}

function sightingOf(match: ProbeMatch, address: string, network: Ipv4Network): Sighting {
  const facts = readScopes(match.scopes);
  return {
    via: 'ws-discovery',
    address,
    interface: network.name,
    endpoint: match.endpoint === undefined ? undefined : printable(match.endpoint),
    mac: facts.mac,
    name: facts.name,
    hardware: facts.hardware,
    location: facts.location,
    manufacturer: facts.manufacturer,
    xaddrs: rankXAddrs(match.xaddrs, address, inNetwork(address, network) ? network : undefined),
  };
}
