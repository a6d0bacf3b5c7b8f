import type { Logger } from 'pino';
import type { Camera, DiscoveredDevice, OnvifDescription } from '../schema.ts';
import type { CredentialStore } from '../store/credentials.ts';
import { foundName } from './foundName.ts';
import { type KnownCameras, placeOf } from './knownCameras.ts';
import type { LoginAttempts } from './loginAttempts.ts';
import { makeOf } from './make.ts';
import { Turns } from './turns.ts';
import { descriptionView } from './views.ts';

/** Milliseconds for one camera. */
const ONVIF_TIMEOUT = 8_000;
/** Ways to log in with a typed password: the likeliest token, then HTTP Digest. A remembered one is tried in one way. */
const TYPED_LOGINS = 2;

export type FoundDevice = Omit<DiscoveredDevice, 'camera' | 'make' | 'adoption' | 'onvif' | 'onvif_error'>;
type Findings = Pick<DiscoveredDevice, 'camera' | 'make' | 'adoption' | 'onvif' | 'onvif_error'>;

export interface Login {
  username: string;
  password: string;
}

/** A camera that has been described already. */
export interface FoundCamera {
  name: string;
  username: string | null;
  password: string | null;
  /** WS-Discovery endpoint reference. */
  endpoint: string | null;
  description: OnvifDescription;
}

export interface AdoptionOptions {
  cameras: {
    camera(id: string): Camera | undefined;
    cameras(): Camera[];
    addFound(found: FoundCamera): Camera;
  };
  describe(options: {
    address: string;
    username?: string;
    password?: string;
    timeout?: number;
    logins?: number;
    signal?: AbortSignal;
  }): Promise<OnvifDescription>;
  credentials: Pick<CredentialStore, 'matching' | 'remember' | 'used'>;
  attempts: LoginAttempts;
  /** All devices of the search by now. */
  found: () => Iterable<FoundDevice>;
  known: () => KnownCameras;
  /** Add cameras; otherwise they are only asked, with `login` where it is given. */
  adopt: boolean;
  login: Login | undefined;
  /** A camera was added. */
  added: (camera: Camera) => void;
  log: Logger;
}

/** What became of the device behind one service address. */
interface Entry {
  state: 'found' | 'asking' | 'needs_password' | 'failed';
  /** The camera that it is since this search; it stays when the camera is removed again. */
  camera: string | null;
  onvif: OnvifDescription | null;
  error: { code: string; message: string } | null;
  /** The manufacturer as it is told to everybody. */
  told: string | null;
  make: string | null;
}

/**
 * Asks the devices of one search who they are, and adds those that let us in: without a login, or with credentials that
 * opened another camera of their make. By service address, so that a device whose id changed while answers were merged
 * is asked once.
 */
export class Adoption {
  #options: AdoptionOptions;
  #adopt: boolean;
  #entries = new Map<string, Entry>();
  /** Device → camera, for devices that get a better service address when they are cameras already. */
  #joined = new Map<string, string>();
  #turns = new Turns();
  #closed = new AbortController();
  /** Nothing more will be found. */
  #settled = false;
  #undecided: (() => void)[] = [];

  constructor(options: AdoptionOptions) {
    this.#options = options;
    this.#adopt = options.adopt;
  }

  /** To be called for each device, and again when more is known of it. */
  accept(device: FoundDevice): void {
    const { onvif_url: url } = device;
    if (url === null || this.#closed.signal.aborted) return;
    const known = this.#entries.get(url);
    if (known) {
      this.#learn(device, url, known);
      return;
    }
    const entry: Entry = { state: 'found', camera: null, onvif: null, error: null, told: null, make: null };
    this.#entries.set(url, entry);
    this.#learn(device, url, entry);
    this.#begin(device, url, entry);
  }

  /** The manufacturer often comes later, by SSDP: then there may be credentials for it. */
  #learn(device: FoundDevice, url: string, entry: Entry): void {
    const before = entry.make;
    entry.make = makeOf(entry.told, device);
    if (!this.#adopt || entry.state !== 'needs_password' || entry.make === before) return;
    entry.state = 'asking';
    this.#turn(url, entry, () => this.#remembered(device, url, entry));
  }

  /** From now on cameras are added, those that were found already too. */
  adopt(): void {
    if (this.#adopt) return;
    this.#adopt = true;
    for (const device of this.#options.found()) {
      const entry = this.#entries.get(device.onvif_url ?? '');
      if (entry && device.onvif_url) this.#begin(device, device.onvif_url, entry);
    }
  }

  #begin(device: FoundDevice, url: string, entry: Entry): void {
    if (this.#adopt) entry.state = 'asking';
    this.#turn(url, entry, () => (this.#adopt ? this.#join(device, url, entry) : this.#look(url, entry)));
  }

  #turn(url: string, entry: Entry, job: () => Promise<void>): void {
    // What fails here is the database: it cannot count the attempt or keep what opened the camera.
    this.#turns.take(url, () => job().catch((error) => this.#failed(entry, this.#readable(error, url))));
  }

  /** No more devices will come: what one host and one camera have in common is certain now. */
  settle(): void {
    this.#settled = true;
    for (const decide of this.#undecided.splice(0)) decide();
  }

  /** Resolves when nothing is asked any more. */
  idle(): Promise<void> {
    return this.#turns.idle();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#turns.clear();
    await this.#turns.idle();
  }

  /** What is known of a device by now. `known` is handed in because it is the same for all devices of one answer. */
  view(device: FoundDevice, known: KnownCameras): Findings {
    const entry = this.#entries.get(device.onvif_url ?? '');
    const joined = entry?.camera ?? this.#joined.get(device.id) ?? null;
    const there = joined !== null && this.#options.cameras.camera(joined) ? joined : null;
    const camera =
      there ?? known.exactly(device, entry?.onvif ?? null) ?? (this.#settled ? known.byHost(device) : null);
    return {
      camera,
      make: entry ? entry.make : makeOf(null, device),
      adoption: camera !== null ? 'added' : joined !== null ? 'left_out' : (entry?.state ?? 'found'),
      onvif: entry?.onvif ? descriptionView(entry.onvif) : null,
      onvif_error: entry?.error ?? null,
    };
  }

  /** Tries a typed login once on each of these devices; when it opens one, on the others of that make too. */
  tryLogin(devices: readonly FoundDevice[], login: Login): void {
    const urls = new Set(devices.map(({ onvif_url }) => onvif_url));
    for (const device of devices) {
      const { onvif_url: url } = device;
      if (url === null) continue;
      const entry = this.#entries.get(url);
      if (!entry || this.#isCamera(device, entry)) continue;
      entry.state = 'asking';
      this.#turn(url, entry, async () => {
        if (this.#isCamera(device, entry)) return;
        const opened = await this.#typed(device, url, entry, login);
        if (opened) this.#spread(entry.make, urls);
      });
    }
  }

  /** What was remembered just now is tried on the other devices of the make. */
  #spread(make: string | null, without: ReadonlySet<string | null>): void {
    if (make === null) return;
    for (const device of this.#options.found()) {
      const { onvif_url: url } = device;
      const entry = this.#entries.get(url ?? '');
      if (url === null || !entry || without.has(url) || entry.state !== 'needs_password') continue;
      if (entry.make !== make) continue;
      entry.state = 'asking';
      this.#turn(url, entry, () => this.#remembered(device, url, entry));
    }
  }

  #isCamera(device: FoundDevice, entry: Entry): boolean {
    return entry.camera !== null || this.#joined.has(device.id);
  }

  /** Asked only, not added. */
  async #look(url: string, entry: Entry): Promise<void> {
    const asked = await this.#describe(url, this.#options.login);
    if ('onvif' in asked) Object.assign(entry, { onvif: asked.onvif, error: null });
    else if (asked.error) entry.error = asked.error;
  }

  async #join(device: FoundDevice, url: string, entry: Entry): Promise<void> {
    if (this.#isCamera(device, entry)) return;
    const known = this.#options.known().exactly(device, null);
    if (known !== null) return this.#joins(device, entry, known);
    const asked = await this.#describe(url, undefined);
    if ('onvif' in asked) {
      entry.told = asked.onvif.manufacturer;
      entry.make = makeOf(entry.told, device);
      return this.#add(device, entry, asked.onvif, undefined);
    }
    if (asked.error?.code !== 'refused') return this.#failed(entry, asked.error);
    const { login } = this.#options;
    if (login && (await this.#typed(device, url, entry, login))) return;
    await this.#remembered(device, url, entry);
  }

  /** Tries what opened other cameras of its make. */
  async #remembered(device: FoundDevice, url: string, entry: Entry): Promise<void> {
    const { credentials, attempts } = this.#options;
    const { make } = entry;
    const keys = keysOf(device, url);
    // Those of no particular make opened a device whose make is not known: they are not for everybody.
    const fitting = credentials.matching(make).filter((credential) => credential.make === make);
    for (const { id, username, password } of fitting) {
      if (!attempts.mayTry(keys, id)) continue;
      attempts.note(keys, { logins: 1, credential: id });
      const asked = await this.#describe(url, { username, password }, 1);
      if ('onvif' in asked) {
        attempts.opened(keys);
        credentials.used(id);
        return this.#add(device, entry, asked.onvif, { username, password });
      }
      if (asked.error?.code !== 'refused') return this.#failed(entry, asked.error);
    }
    // More may have become known while it was asked.
    if (entry.make !== make) return this.#remembered(device, url, entry);
    entry.state = 'needs_password';
    entry.error ??= { code: 'refused', message: 'The camera asks for a user name and a password.' };
  }

  /** @returns true when it let us in */
  async #typed(device: FoundDevice, url: string, entry: Entry, login: Login): Promise<boolean> {
    const { credentials, attempts } = this.#options;
    const keys = keysOf(device, url);
    const until = attempts.waitUntil(keys, TYPED_LOGINS);
    entry.state = 'asking';
    if (until !== undefined) {
      const minutes = Math.max(1, Math.ceil((until - Date.now() / 1000) / 60));
      entry.state = 'needs_password';
      entry.error = {
        code: 'too_many_attempts',
        message: `This camera refused several passwords within the last hour. So that it does not lock its account, it is not tried for ${minutes} minutes; look the password up meanwhile.`,
      };
      return false;
    }
    attempts.note(keys, { logins: TYPED_LOGINS, credential: null });
    const asked = await this.#describe(url, login, TYPED_LOGINS);
    if ('onvif' in asked) {
      attempts.opened(keys);
      const make = entry.make ?? makeOf(asked.onvif.manufacturer, device);
      // Before it is added: should we be stopped in between, the next search adds it.
      credentials.used(credentials.remember({ make, ...login }));
      this.#add(device, entry, asked.onvif, login);
      return true;
    }
    entry.state = 'needs_password';
    if (asked.error?.code !== 'refused') entry.error = asked.error ?? entry.error;
    else {
      const message = `Wrong password: the camera refuses the user name ${login.username} with this password. Check both.`;
      entry.error = { code: 'wrong_password', message };
    }
    return false;
  }

  #add(device: FoundDevice, entry: Entry, onvif: OnvifDescription, login: Login | undefined): void {
    if (this.#closed.signal.aborted) return;
    Object.assign(entry, { onvif, error: null });
    const known = this.#options.known();
    const exactly = known.exactly(device, onvif);
    const byHost = exactly === null ? known.byHost(device) : null;
    if (byHost !== null && !this.#settled) {
      this.#undecided.push(() => this.#add(device, entry, onvif, login));
      return;
    }
    const there = exactly ?? byHost;
    if (there !== null) {
      this.#joins(device, entry, there);
      return;
    }
    try {
      const { cameras } = this.#options;
      const taken = new Set(cameras.cameras().map(({ name }) => name));
      const { manufacturer, model } = onvif;
      const name = foundName({ ...device, manufacturer, model }, (wish) => taken.has(wish));
      const endpoint = /^(urn:)?uuid:/i.test(device.id) ? device.id : null;
      const { username = null, password = null } = login ?? {};
      const camera = cameras.addFound({ name, username, password, endpoint, description: onvif });
      this.#joins(device, entry, camera.id);
      this.#options.added(camera);
    } catch (error) {
      this.#failed(entry, this.#readable(error, device.address));
    }
  }

  #joins(device: FoundDevice, entry: Entry, camera: string): void {
    entry.camera = camera;
    entry.error = null;
    this.#joined.set(device.id, camera);
  }

  #failed(entry: Entry, error: Entry['error']): void {
    entry.state = 'failed';
    if (error) entry.error = error;
  }

  /** `error` is null when the search was ended meanwhile. */
  async #describe(
    address: string,
    login: Login | undefined,
    logins?: number,
  ): Promise<{ onvif: OnvifDescription } | { error: Entry['error'] }> {
    const { signal } = this.#closed;
    if (signal.aborted) return { error: null };
    try {
      const onvif = await this.#options.describe({
        address,
        ...(login?.username ? { username: login.username } : {}),
        ...(login?.password ? { password: login.password } : {}),
        timeout: ONVIF_TIMEOUT,
        ...(logins === undefined ? {} : { logins }),
        signal,
      });
      return { onvif };
    } catch (error) {
      return { error: signal.aborted ? null : this.#readable(error, address) };
    }
  }

  #readable(error: unknown, address: string): { code: string; message: string } {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      return { code: error.code, message: error.message };
    this.#options.log.error({ err: error, address }, 'asking a camera failed');
    return { code: 'internal', message: 'Asking this camera failed; the daemon’s log says why.' };
  }
}

/** What a camera's wrong logins are counted by. */
function keysOf(device: FoundDevice, url: string): string[] {
  return [...new Set([device.id, placeOf(url) ?? url])];
}
