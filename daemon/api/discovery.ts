import type { Logger } from 'pino';
import { type Static, Type } from 'typebox';
import { Adoption } from '../camera/adoption.ts';
import { type KnownCameras, knownCameras } from '../camera/knownCameras.ts';
import { type KeptAttempts, LoginAttempts } from '../camera/loginAttempts.ts';
import { type OtherAddresses, otherAddresses } from '../discover/otherNetworks.ts';
import {
  type Camera,
  Discovery,
  DiscoveryCredentials,
  DiscoveryStart,
  RememberedCredential,
} from '../schema.ts';
import { type App, described, failures, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps, FoundDevice } from './deps.ts';
import { ApiError } from './errors.ts';

const DEFAULT_SECONDS = 5;
/** More answers than any site has cameras: something on the network makes them up. */
const MAX_DEVICES = 512;
const ATTEMPTS = 'login_attempts';

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
  #adoption: Adoption | undefined;
  #attempts: LoginAttempts | undefined;
  #run: { controller: AbortController; done: Promise<void> } | undefined;
  /** Earlier searches whose last questions are being taken back. */
  #closing: Promise<void> = Promise.resolve();
  #started: number | null = null;
  #seconds = DEFAULT_SECONDS;
  #interfaces: string[] = [];
  #problems: string[] = [];

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /**
   * Starts a search unless one is running; either way `state()` tells of it. `added` is told of cameras that join.
   * @throws ApiError where a network is none
   */
  start(body: DiscoveryStart, added: (camera: Camera) => void = () => {}): void {
    const others = otherAddresses(body.networks ?? []);
    if (typeof others === 'string') throw new ApiError(400, 'invalid_network', others);
    if (this.#run) {
      if (body.adopt) this.#adoption?.adopt();
      return;
    }
    this.#closing = Promise.all([this.#closing, this.#adoption?.close()]).then(() => {});
    this.#found.clear();
    this.#started = Date.now() / 1000;
    this.#seconds = body.seconds ?? DEFAULT_SECONDS;
    this.#interfaces = this.#options.discoveryInterfaces ?? [];
    this.#problems = [];
    const { username, password } = body;
    const { cameras, describeOnvif, store, log } = this.#options;
    const adoption = new Adoption({
      cameras,
      describe: describeOnvif,
      credentials: store.credentials,
      attempts: this.#countedAttempts(),
      found: () => this.#found.values(),
      known: () => this.#known(),
      adopt: body.adopt ?? false,
      login: username ? { username, password: password ?? '' } : undefined,
      added,
      log,
    });
    this.#adoption = adoption;
    const controller = new AbortController();
    const done = this.#search(adoption, others, controller.signal).finally(() => {
      this.#run = undefined;
    });
    this.#run = { controller, done };
  }

  /** Counted over searches, and over restarts of the daemon. */
  #countedAttempts(): LoginAttempts {
    const { settings } = this.#options.store;
    this.#attempts ??= new LoginAttempts({
      load: () => settings.get<KeptAttempts>(ATTEMPTS),
      save: (attempts) => settings.put(ATTEMPTS, attempts),
    });
    return this.#attempts;
  }

  async #search(adoption: Adoption, others: OtherAddresses, signal: AbortSignal): Promise<void> {
    const { discover, discoveryInterfaces, log } = this.#options;
    try {
      const result = await discover({
        ...(discoveryInterfaces ? { interfaces: discoveryInterfaces } : {}),
        others,
        seconds: this.#seconds,
        signal,
        log,
        found: (device) => this.#accept(device, adoption),
      });
      this.#interfaces = result.interfaces;
      this.#problems = [...this.#problems, ...result.problems];
      // The merged list is the last word; a device may have got its real id late.
      this.#found = new Map(result.devices.slice(0, MAX_DEVICES).map((device) => [device.id, device]));
      for (const device of this.#found.values()) this.#accept(device, adoption);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'discovery failed');
      this.#problems.push(error instanceof Error ? error.message : String(error));
    }
    adoption.settle();
    await adoption.idle();
  }

  #accept(device: FoundDevice, adoption: Adoption): void {
    if (!this.#found.has(device.id) && this.#found.size >= MAX_DEVICES) {
      const problem = `More than ${MAX_DEVICES} devices answered; the rest is left out.`;
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
      return;
    }
    this.#found.set(device.id, device);
    adoption.accept(device);
  }

  /** Tries a typed login on devices of the last search, whether it is over or not. @throws ApiError */
  tryLogin({ devices: ids, username, password }: DiscoveryCredentials): void {
    const devices = ids.map((id) => {
      const device = this.#found.get(id);
      if (device) return device;
      const message = `The last search found no device ${id}. Search again: POST /api/discovery.`;
      throw new ApiError(404, 'unknown_device', message);
    });
    this.#adoption?.tryLogin(devices, { username, password });
  }

  /** What is known by now. */
  state(): Discovery {
    const known = this.#known();
    const adoption = this.#adoption;
    return {
      running: this.#run !== undefined,
      started: this.#started,
      seconds: this.#seconds,
      interfaces: this.#interfaces,
      problems: this.#problems,
      devices: adoption
        ? [...this.#found.values()].map((device) => ({ ...device, ...adoption.view(device, known) }))
        : [],
    };
  }

  #known(): KnownCameras {
    const { cameras, store } = this.#options;
    return knownCameras(cameras.cameras(), store.cameras(), this.#found.values());
  }

  /** Ends a running search and whatever is being tried. */
  async close(): Promise<void> {
    this.#run?.controller.abort();
    await Promise.all([this.#closing, this.#adoption?.close(), this.#run?.done]);
  }
}

const CredentialList = Type.Object({ credentials: Type.Array(RememberedCredential) });
export type CredentialList = Static<typeof CredentialList>;

const CredentialParams = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export function discoveryRoutes(app: App, run: DiscoveryRun, deps: ApiDeps): void {
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
          'answers with that one. Found cameras are asked for their profiles, with the credentials if given. With ' +
          '`adopt` those that let us in are added, without a login or with credentials that opened another camera of ' +
          'their make; each of these is tried once, two at most on one camera, so that no camera locks its account.',
        body: DiscoveryStart,
        response: { 202: described(Discovery, 'Searching'), ...failures(400, 413, 415) },
      },
    },
    async (request, reply) => {
      run.start(request.body, ({ id, name }) => audit(deps, request, 'camera.add', id, `found: ${name}`));
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

  app.post(
    '/api/discovery/credentials',
    {
      schema: {
        tags: ['discovery'],
        summary: 'Try a login on devices that need a password',
        description:
          'Answers at once; `GET /api/discovery` tells what comes of it: `added`, or `needs_password` again with ' +
          '`wrong_password`. Tried once on each device. When it opens one, it is remembered for that make and tried on ' +
          'the other devices of the make.',
        body: DiscoveryCredentials,
        response: { 202: described(Discovery, 'Trying'), ...failures(400, 404, 413, 415) },
      },
    },
    async (request, reply) => {
      run.tryLogin(request.body);
      const { devices, username } = request.body;
      audit(deps, request, 'discovery.login', username, `on ${devices.length} devices`);
      return reply.code(202).send(run.state());
    },
  );

  app.get(
    '/api/credentials',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['discovery'],
        summary: 'Credentials that opened cameras, without their passwords',
        description: 'They are tried once on the next camera of their make that a search finds.',
        response: {
          200: described(CredentialList, 'Those that opened the most cameras first'),
          ...failures(503),
        },
      },
    },
    async () => ({ credentials: deps.store.credentials.list() }),
  );

  app.delete(
    '/api/credentials/:id',
    {
      schema: {
        tags: ['discovery'],
        summary: 'Forget credentials; cameras that were added with them keep theirs',
        params: CredentialParams,
        response: { 204: Nothing, ...failures(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const known = deps.store.credentials.list().find((one) => one.id === id);
      if (!known) {
        const message = `There are no credentials ${id}. GET /api/credentials lists them.`;
        throw new ApiError(404, 'credential_not_found', message);
      }
      deps.store.credentials.remove(id);
      audit(deps, request, 'credential.remove', known.username);
      return reply.code(204).send(null);
    },
  );
}
