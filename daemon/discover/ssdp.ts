/** SSDP searches through node-ssdp, one client per IPv4 address. README, case 22. */
import { createSocket, type Socket } from 'node:dgram';
import ssdp from 'node-ssdp';
import type { Logger } from 'pino';
import { looksLikeCamera, parseDescription } from './deviceDescription.ts';
import type { Ipv4Network } from './ipv4.ts';
import type { Sighting } from './merge.ts';
import { smallRequest } from './smallHttp.ts';
import { readSsdpReply, type SsdpReply } from './ssdpReply.ts';

/** One a round: a search by device type often stays unanswered, so the general ones follow. */
export const SEARCH_TARGETS = [
  'upnp:rootdevice',
  'urn:schemas-upnp-org:device:DigitalSecurityCamera:1',
  'ssdp:all',
] as const;

/** A description is some kilobytes. */
const MAX_DESCRIPTION = 64 * 1024;
const FETCH_TIMEOUT = 2_000;
const MAX_FETCHES = 4;
/** Bounds for liars; a router has three or four descriptions. */
const MAX_LOCATIONS = 256;
const MAX_LOCATIONS_PER_HOST = 8;

export interface SsdpOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** A camera: no other device is reported. */
  readonly sighting: (sighting: Sighting) => void;
  readonly problem: (text: string) => void;
}

/** What of node-ssdp's Client we use, and the property by which it takes sockets that we made. */
interface Client {
  sockets: Record<string, Socket> | null;
  start(): Promise<void>;
  stop(): void;
  search(target: string): unknown;
  on(
    event: 'response',
    listener: (headers: object, status: number, remote: { address: string }) => void,
  ): this;
}

export class SsdpSearch {
  readonly #options: SsdpOptions;
  readonly #clients: Client[] = [];
  readonly #locations = new Set<string>();
  readonly #perHost = new Map<string, number>();
  readonly #queue: { location: string; reply: SsdpReply; network: Ipv4Network; address: string }[] = [];
  #fetching = 0;
  #closed = false;

  constructor(options: SsdpOptions) {
    this.#options = options;
  }

  /** Searches at this address too. Never rejects. */
  async open(network: Ipv4Network): Promise<void> {
    const { problem, log } = this.#options;
    const where = `${network.name} (${network.address})`;
    const socket = createSocket('udp4');
    // node-ssdp's own sockets skip loopback, leave the interface for multicast to the routing table, and join the group,
    // which must not be (see openProbeSocket). It binds and uses those that it finds in `sockets`.
    socket.addMembership = () => {};
    socket.once('listening', () => socket.setMulticastInterface(network.address));
    const client = new ssdp.Client({ explicitSocketBind: true }) as unknown as Client;
    client.sockets = { [network.address]: socket };
    client.on('response', (headers, status, remote) => {
      if (status === 200) this.#response(headers as Record<string, unknown>, remote.address, network);
    });
    try {
      // start() never settles when bind fails: listen for that ourselves.
      const failed = new Promise<never>((_, reject) => socket.once('error', reject));
      await Promise.race([client.start(), failed]);
    } catch (error) {
      problem(`${where}: SSDP cannot start: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
      stop(client);
      return;
    }
    socket.on('error', (error) => log.debug({ err: error }, 'SSDP socket'));
    if (this.#closed) stop(client);
    else this.#clients.push(client);
  }

  /** Sends one M-SEARCH from every address. Never throws. */
  search(target: string): void {
    for (const client of this.#clients) {
      try {
        client.search(target);
      } catch (error) {
        this.#options.log.debug({ err: error }, 'M-SEARCH could not be sent');
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const client of this.#clients.splice(0)) stop(client);
  }

  #response(headers: Record<string, unknown>, address: string, network: Ipv4Network): void {
    if (this.#closed) return;
    const reply = readSsdpReply(headers, address);
    if (reply.location === undefined) {
      if (looksLikeCamera(reply.words, undefined)) this.#report(reply, undefined, network, address);
      return;
    }
    const perHost = this.#perHost.get(address) ?? 0;
    if (this.#locations.has(reply.location) || perHost >= MAX_LOCATIONS_PER_HOST) return;
    if (this.#locations.size >= MAX_LOCATIONS) return;
    this.#locations.add(reply.location);
    this.#perHost.set(address, perHost + 1);
    this.#queue.push({ location: reply.location, reply, network, address });
    this.#fetchNext();
  }

  #fetchNext(): void {
    if (this.#fetching >= MAX_FETCHES) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#fetching += 1;
    const { signal, log } = this.#options;
    const { location, reply, network, address } = next;
    void smallRequest({ url: location, timeout: FETCH_TIMEOUT, maxBytes: MAX_DESCRIPTION, signal }).then(
      (answer) => {
        this.#fetching -= 1;
        if (this.#closed) return;
        const body = answer.kind === 'answer' && answer.status === 200 ? answer.body : undefined;
        if (answer.kind === 'error') log.debug({ location, reason: answer.reason }, 'no device description');
        const description = body && parseDescription(body);
        if (looksLikeCamera(reply.words, description)) this.#report(reply, description, network, address);
        else log.debug({ location, type: description?.deviceType }, 'SSDP device is no camera');
        this.#fetchNext();
      },
    );
    this.#fetchNext();
  }

  #report(
    reply: SsdpReply,
    description: ReturnType<typeof parseDescription>,
    network: Ipv4Network,
    address: string,
  ): void {
    this.#options.sighting({
      via: 'ssdp',
      address,
      interface: network.name,
      mac: description?.mac,
      // The UDN of the answer differs from the description's on some devices (HA core#110216): the serial number first.
      serial: description?.serial ?? reply.udn,
      udn: reply.udn,
      name: description?.friendlyName,
      hardware: description?.model,
      manufacturer: description?.manufacturer,
      xaddrs: [],
    });
  }
}

/** node-ssdp throws when a socket is closed already, or was never bound. */
function stop(client: Client): void {
  try {
    client.stop();
  } catch {
    // Nothing is left to close then.
  }
}
