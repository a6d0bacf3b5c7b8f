/** Where a camera's ONVIF services are, and its profiles: what all work over ONVIF begins with. */
import type { DeviceAddress } from './onvifAddress.ts';
import { OnvifError } from './onvifError.ts';
import { type MediaProfile, mergeProfiles, readProfiles } from './onvifReply.ts';
import { OnvifSession } from './onvifSession.ts';

export interface OnvifTarget {
  readonly address: DeviceAddress;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds: for a whole description; where calls come one by one, for finding the camera's services. */
  readonly timeout: number;
  /** Ways to log in that may be tried; undefined: all. */
  readonly logins?: number | undefined;
}

export type MediaService = 'media' | 'media2';

/** Where ONVIF listens: most; Reolink; Tapo; some OEM firmwares (discover/README, case 30). */
const USUAL_PORTS = [80, 8000, 2020, 8080, 8899] as const;

/** The port, when only a host was given: the first usual one, in their order, at which ONVIF answers. No login is sent. */
export async function findService({
  address,
  timeout,
}: OnvifTarget): Promise<DeviceAddress & { port: number }> {
  if (address.port !== undefined) return { ...address, port: address.port };
  const attempts = USUAL_PORTS.map(async (port) => {
    const candidate = { ...address, port };
    const session = new OnvifSession({
      address: candidate,
      username: undefined,
      password: undefined,
      callTimeout: timeout / 3,
    });
    try {
      await session.contact();
      return candidate;
    } finally {
      session.close();
    }
  });
  const failures: OnvifError[] = [];
  for (const attempt of attempts.map((promise) => promise.catch((error: OnvifError) => error))) {
    const outcome = await attempt;
    if (!(outcome instanceof OnvifError)) return outcome;
    failures.push(outcome);
  }
  // The failure that says most: a host with a web server but no ONVIF is not "unreachable".
  throw failures.find((failure) => failure.code === 'not_onvif') ?? failures[0];
}

/** GetServices; GetCapabilities for older Axis and others without it; else everything at the device service. */
export async function findMediaServices(session: OnvifSession, path: string): Promise<void> {
  const { cam } = session;
  const known = (): boolean => Boolean(cam.uri?.media?.path || cam.uri?.media2?.path);
  await optional(() => session.call('GetServices', (cam, done) => cam.getServices(false, done)), '');
  if (!known())
    await optional(() => session.call('GetCapabilities', (cam, done) => cam.getCapabilities(done)), '');
  if (known()) return;
  cam.uri = { ...cam.uri, media: { path } as NonNullable<OnvifSession['cam']['uri']>['media'] };
}

export interface Profiles {
  /** Of both services, Media1's order. */
  readonly profiles: MediaProfile[];
  /** Tokens of those of which Media2 knows better. */
  readonly media2: ReadonlySet<string>;
  /** The answers as they came. */
  readonly answers: readonly { readonly service: MediaService; readonly xml: string }[];
}

/** Profiles of Media1 and Media2 together. Fails only when neither service answers. */
export async function allProfiles(session: OnvifSession): Promise<Profiles> {
  const { cam } = session;
  let failure: unknown;
  const answers: { service: MediaService; xml: string }[] = [];
  const read = async (service: MediaService): Promise<MediaProfile[]> => {
    if (!cam.uri?.[service]?.path) return [];
    try {
      const xml = await session.call(`GetProfiles (${service})`, (cam, done) => {
        cam.media2Support = service === 'media2';
        cam.getProfiles(done);
      });
      answers.push({ service, xml });
      return readProfiles(xml);
    } catch (error) {
      failure ??= error;
      return [];
    }
  };
  const media1 = await read('media');
  const media2 = await read('media2');
  if (answers.length === 0) throw failure;
  const onlyMedia2 = media2.filter(({ token, codec }) => {
    const known = media1.find((profile) => profile.token === token);
    return !known?.encoder || known.codec !== codec;
  });
  return {
    profiles: mergeProfiles(media1, media2),
    media2: new Set(onlyMedia2.map(({ token }) => token)),
    answers,
  };
}

/** A call that we can do without. Refusals and a lost connection end everything: the next call would fare no better. */
export async function optional<T>(call: () => Promise<T>, without: T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnvifError && (error.code === 'fault' || error.code === 'not_onvif')) return without;
    throw error;
  }
}
