/** Reads a device and its profiles over ONVIF: the order of the calls, and what is done without when one fails. */
import type { OnvifDescription, OnvifProfile } from '../schema.ts';
import { repairSnapshotUri, repairStreamUri } from './onvifAddress.ts';
import { type DeviceInformation, type MediaProfile, readDeviceInformation, readUri } from './onvifReply.ts';
import { allProfiles, findMediaServices, findService, type OnvifTarget, optional } from './onvifServices.ts';
import { OnvifSession } from './onvifSession.ts';
import { escapeXml } from './onvifText.ts';

/** Profiles asked at once: cameras are small computers. */
const PARALLEL = 3;

/** @throws OnvifError */
export async function readDescription(request: OnvifTarget): Promise<OnvifDescription> {
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
