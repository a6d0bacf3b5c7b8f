import type { Logger } from 'pino';
import { type DiscoveredDevice, Discovery, DiscoveryStart, type OnvifDescription } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps, FoundDevice } from './deps.ts';

const DEFAULT_SECONDS = 5;
/** Cameras asked over ONVIF at a time. */
const AT_ONCE = 4;
/** Milliseconds for one camera. */
const ONVIF_TIMEOUT = 8_000;
/** More answers than any site has cameras: something on the network makes them up. */
const MAX_DEVICES = 512;

interface Described {
  onvif: OnvifDescription | null;
  onvif_error: { code: string; message: string } | null;
}

type DiscoveryOptions = Pick<
  ApiDeps,
  'discover' | 'describeOnvif' | 'discoveryInterfaces' | 'cameras' | 'store'
> & {
  log: Logger;
};

/** One search of the network at a time, its results kept until the next. */
export class DiscoveryRun {
  #options: DiscoveryOptions;
  #found = new Map<string, FoundDevice>();
  /** By ONVIF address, so that a device whose id changed while answers were merged is asked once. */
  #described = new Map<string, Described>();
  #waiting: (() => Promise<void>)[] = [];
  #asking = new Set<Promise<void>>();
  #run: { controller: AbortController; done: Promise<void> } | undefined;
  #started: number | null = null;
  #seconds = DEFAULT_SECONDS;
  #interfaces: string[] = [];
  #problems: string[] = [];

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** Starts a search unless one is running; either way `state()` tells of it. */
  start(body: DiscoveryStart): void {
    if (this.#run) return;
    this.#found.clear();
    this.#described.clear();
    this.#started = Date.now() / 1000;
    this.#seconds = body.seconds ?? DEFAULT_SECONDS;
    this.#interfaces = this.#options.discoveryInterfaces ?? [];
    this.#problems = [];
    const controller = new AbortController();
    const done = this.#search(body, controller.signal).finally(() => {
      this.#run = undefined;
    });
    this.#run = { controller, done };
  }

  async #search(body: DiscoveryStart, signal: AbortSignal): Promise<void> {
    const { discover, discoveryInterfaces, log } = this.#options;
    try {
      const result = await discover({
        ...(discoveryInterfaces ? { interfaces: discoveryInterfaces } : {}),
        seconds: this.#seconds,
        signal,
        log,
        found: (device) => this.#accept(device, body, signal),
      });
      this.#interfaces = result.interfaces;
      this.#problems = [...this.#problems, ...result.problems];
      // The merged list is the last word; a device may have got its real id late.
      this.#found = new Map(result.devices.slice(0, MAX_DEVICES).map((device) => [device.id, device]));
      for (const device of this.#found.values()) this.#accept(device, body, signal);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'discovery failed');
      this.#problems.push(error instanceof Error ? error.message : String(error));
    }
    while (this.#asking.size > 0) await Promise.all(this.#asking);
  }

  #accept(device: FoundDevice, body: DiscoveryStart, signal: AbortSignal): void {
    if (!this.#found.has(device.id) && this.#found.size >= MAX_DEVICES) {
      const problem = `More than ${MAX_DEVICES} devices answered; the rest is left out.`;
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
      return;
    }
    this.#found.set(device.id, device);
    const { onvif_url: address } = device;
    if (address === null || signal.aborted || this.#described.has(address)) return;
    this.#described.set(address, { onvif: null, onvif_error: null });
    this.#waiting.push(() => this.#describe(address, body, signal));
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asking.size >= AT_ONCE) return;
    const ask = this.#waiting.shift();
    if (!ask) return;
    const asked = ask().finally(() => {
      this.#asking.delete(asked);
      this.#askNext();
    });
    this.#asking.add(asked);
  }

  async #describe(address: string, body: DiscoveryStart, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { username, password } = body;
    try {
      const onvif = await this.#options.describeOnvif({
        address,
        ...(username ? { username } : {}),
        ...(password ? { password } : {}),
        timeout: ONVIF_TIMEOUT,
        signal,
      });
      this.#described.set(address, { onvif, onvif_error: null });
    } catch (error) {
      if (signal.aborted) return;
      const known = error instanceof Error && 'code' in error && typeof error.code === 'string';
      if (!known) this.#options.log.error({ err: error, address }, 'asking a camera failed');
      const onvif_error = known
        ? { code: String(error.code), message: error.message }
        : { code: 'internal', message: 'Asking this camera failed; the daemon’s log says why.' };
      this.#described.set(address, { onvif: null, onvif_error });
    }
  }

  /** What is known by now. */
  state(): Discovery {
    const known = this.#knownCameras();
    const devices = [...this.#found.values()].map((device): DiscoveredDevice => {
      const described = device.onvif_url === null ? undefined : this.#described.get(device.onvif_url);
      const camera = known(device, described?.onvif ?? null);
      return {
        ...device,
        camera,
        make: null,
        adoption: 'found',
        onvif: described?.onvif ?? null,
        onvif_error: described?.onvif_error ?? null,
      };
    });
    return {
      running: this.#run !== undefined,
      started: this.#started,
      seconds: this.#seconds,
      interfaces: this.#interfaces,
      problems: this.#problems,
      devices,
    };
  }

  /** Tells which of the cameras that were added already a device is: by endpoint reference, service or stream address. */
  #knownCameras(): (device: FoundDevice, onvif: OnvifDescription | null) => string | null {
    const byAddress = new Map<string, string>();
    const byHost = new Map<string, Set<string>>();
    for (const { id, endpoint } of this.#options.store.cameras())
      if (endpoint !== null) byAddress.set(endpoint, id);
    for (const { id, address, streams } of this.#options.cameras.cameras()) {
      for (const url of [address, ...streams.map((stream) => stream.rtsp_url)]) {
        if (url === null) continue;
        byAddress.set(url, id);
        const host = hostOf(url);
        if (host !== undefined) byHost.set(host, (byHost.get(host) ?? new Set()).add(id));
      }
    }
    const neighbours = Map.groupBy(this.#found.values(), (device) => device.address);
    return (device, onvif) => {
      const addresses = [
        device.id,
        ...device.xaddrs,
        ...(onvif?.profiles ?? []).map((profile) => profile.rtsp_url),
      ];
      for (const address of addresses) {
        const id = address === null ? undefined : byAddress.get(address);
        if (id !== undefined) return id;
      }
      // The host alone tells only where one device and one camera have it.
      const ids = [...(byHost.get(device.address) ?? [])];
      const alone = ids.length === 1 && neighbours.get(device.address)?.length === 1;
      return alone ? (ids[0] ?? null) : null;
    };
  }

  /** Ends a running search. */
  async close(): Promise<void> {
    this.#waiting = [];
    this.#run?.controller.abort();
    await this.#run?.done;
  }
}

function hostOf(address: string): string | undefined {
  // URL() keeps the host of rtsp: addresses as it is, which is right for the IPv4 addresses looked for here.
  const url = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

export function discoveryRoutes(app: App, run: DiscoveryRun): void {
  app.post(
    '/api/discovery',
    {
      // The body may be left out altogether.
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        tags: ['discovery'],
        summary: 'Search the network for cameras',
        description:
          'Answers at once; `GET /api/discovery` tells what was found so far. While a search is running, this ' +
          'answers with that one. Found cameras are asked for their profiles, with the credentials if given.',
        body: DiscoveryStart,
        response: { 202: described(Discovery, 'Searching'), ...failures(400, 413, 415) },
      },
    },
    async (request, reply) => {
      run.start(request.body);
      return reply.code(202).send(run.state());
    },
  );

  app.get(
    '/api/discovery',
    {
      schema: {
        tags: ['discovery'],
        summary: 'What the last search has found by now',
        response: { 200: described(Discovery, 'The search'), ...failures() },
      },
    },
    async () => run.state(),
  );
}
