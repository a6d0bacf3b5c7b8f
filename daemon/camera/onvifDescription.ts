/** Reads a device and its profiles over ONVIF: the order of the calls, and what is done without when one fails. */
import type { OnvifDescription, OnvifProfile } from '../schema.ts';
import { type DeviceAddress, repairSnapshotUri, repairStreamUri } from './onvifAddress.ts';
import { OnvifError } from './onvifError.ts';
import {
  type DeviceInformation,
  type MediaProfile,
  mergeProfiles,
  readDeviceInformation,
  readProfiles,
  readUri,
} from './onvifReply.ts';
import { escapeXml, OnvifSession } from './onvifSession.ts';

export interface DescriptionRequest {
  readonly address: DeviceAddress;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds for everything. */
  readonly timeout: number;
  /** Ways to log in that may be tried; undefined: all. */
  readonly logins?: number | undefined;
}

/** Where ONVIF listens: most; Reolink; Tapo; some OEM firmwares (discover/README, case 30). */
const USUAL_PORTS = [80, 8000, 2020, 8080, 8899] as const;
/** Profiles asked at once: cameras are small computers. */
const PARALLEL = 3;

/** @throws OnvifError */
export async function readDescription(request: DescriptionRequest): Promise<OnvifDescription> {
  const deadline = performance.now() + request.timeout;
  const address = await findService(request);
  const session = new OnvifSession({ ...request, address, callTimeout: request.timeout / 2 });
  try {
    await session.contact();
    const information = await optional<DeviceInformation>(
      async () =>
        readDeviceInformation(
          await session.call('GetDeviceInformation', (cam, done) => cam.getDeviceInformation(done)),
        ),
      NO_INFORMATION,
    );
    await findMediaServices(session, address.path);
    const { profiles, media2 } = await allProfiles(session);
    session.keepLogin();
    const urls = await profileUrls(session, profiles, media2, address.hostname, deadline);
    const host = address.hostname.includes(':') ? `[${address.hostname}]` : address.hostname;
    return {
      address: `${address.secure ? 'https' : 'http'}://${host}:${address.port}${address.path}`,
      ...information,
      clock_skew: session.clockSkew ?? null,
      profiles: profiles.map(({ encoder: _, ...profile }, index) => ({
        ...profile,
        rtsp_url: urls[index]?.rtsp_url ?? null,
        snapshot_url: urls[index]?.snapshot_url ?? null,
      })),
    };
  } finally {
    session.close();
  }
}

const NO_INFORMATION: DeviceInformation = {
  manufacturer: null,
  model: null,
  firmware: null,
  serial: null,
  hardware: null,
};

/** The port, when only a host was given: the first usual one, in their order, at which ONVIF answers. No login is sent. */
async function findService({
  address,
  timeout,
}: DescriptionRequest): Promise<DeviceAddress & { port: number }> {
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
async function findMediaServices(session: OnvifSession, path: string): Promise<void> {
  const { cam } = session;
  const known = (): boolean => Boolean(cam.uri?.media?.path || cam.uri?.media2?.path);
  await optional(() => session.call('GetServices', (cam, done) => cam.getServices(false, done)), '');
  if (!known())
    await optional(() => session.call('GetCapabilities', (cam, done) => cam.getCapabilities(done)), '');
  if (known()) return;
  cam.uri = { ...cam.uri, media: { path } as NonNullable<OnvifSession['cam']['uri']>['media'] };
}

/** Profiles of Media1 and Media2 together. Fails only when neither service answers. */
async function allProfiles(
  session: OnvifSession,
): Promise<{ profiles: MediaProfile[]; media2: ReadonlySet<string> }> {
  const { cam } = session;
  let failure: unknown;
  let answered = false;
  const read = async (service: 'media' | 'media2'): Promise<MediaProfile[]> => {
    if (!cam.uri?.[service]?.path) return [];
    try {
      const xml = await session.call(`GetProfiles (${service})`, (cam, done) => {
        cam.media2Support = service === 'media2';
        cam.getProfiles(done);
      });
      answered = true;
      return readProfiles(xml);
    } catch (error) {
      failure ??= error;
      return [];
    }
  };
  const media1 = await read('media');
  const media2 = await read('media2');
  if (!answered) throw failure;
  const onlyMedia2 = media2.filter(({ token, codec }) => {
    const known = media1.find((profile) => profile.token === token);
    return !known?.encoder || known.codec !== codec;
  });
  return {
    profiles: mergeProfiles(media1, media2),
    media2: new Set(onlyMedia2.map(({ token }) => token)),
  };
}

type Urls = Pick<OnvifProfile, 'rtsp_url' | 'snapshot_url'>;

/** Addresses of each profile; what is not answered in time stays null, since the profiles alone are worth much. */
async function profileUrls(
  session: OnvifSession,
  profiles: readonly MediaProfile[],
  media2: ReadonlySet<string>,
  hostname: string,
  deadline: number,
): Promise<Urls[]> {
  const urls: Urls[] = profiles.map(() => ({ rtsp_url: null, snapshot_url: null }));
  const jobs = profiles.entries();
  let failure: unknown;
  const work = async (): Promise<void> => {
    for (const [index, profile] of jobs) {
      const own = urls[index]!;
      const useMedia2 = media2.has(profile.token);
      const ask = async (call: 'getStreamUri' | 'getSnapshotUri'): Promise<string | undefined> => {
        const options = { protocol: 'RTSP' as const, profileToken: escapeXml(profile.token) };
        try {
          const xml = await session.call(call, (cam, done) => {
            cam.media2Support = useMedia2;
            cam[call](options, done);
          });
          return readUri(xml);
        } catch (error) {
          failure ??= error;
          return undefined;
        }
      };
      const stream = await ask('getStreamUri');
      own.rtsp_url = (stream && repairStreamUri(stream, hostname)) ?? null;
      const snapshot = await ask('getSnapshotUri');
      own.snapshot_url = (snapshot && repairSnapshotUri(snapshot, hostname)) ?? null;
    }
  };
  const workers = Promise.all(Array.from({ length: PARALLEL }, work));
  const margin = 100;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now() - margin));
  });
  await Promise.race([workers, late]);
  clearTimeout(timer);
  // Without any stream there is nothing to show; then the reason is worth more than the profiles.
  if (failure !== undefined && urls.every((own) => own.rtsp_url === null)) throw failure;
  return urls;
}

/** A call that we can do without. Refusals and a lost connection end everything: the next call would fare no better. */
async function optional<T>(call: () => Promise<T>, without: T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnvifError && (error.code === 'fault' || error.code === 'not_onvif')) return without;
    throw error;
  }
}
