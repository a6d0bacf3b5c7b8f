/** A camera's ONVIF service and its answers to discovery, switched off and on with the camera. */
import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Camera, CameraPort } from './camera.ts';
import { startDiscoveryResponder } from './discoveryResponder.ts';
import { PROFILES, type Profile } from './fault.ts';
import { type OnvifService, startOnvifService, type VirtualProfile } from './onvifService.ts';

/** Seconds that it is away when it is told to restart. */
const REBOOT = 3;

/** Something that is started and closed, made into a part of the camera's network. */
class ServicePort<Service extends { close(): Promise<void> }> implements CameraPort {
  service: Service | undefined;
  private readonly start: () => Promise<Service>;
  /** Opening and closing take time and may be asked for at any moment, so they queue. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(start: () => Promise<Service>) {
    this.start = start;
  }

  async open(): Promise<void> {
    const opened = this.queue.then(async () => {
      this.service ??= await this.start();
    });
    this.queue = opened.catch(() => {});
    await opened;
  }

  async close(): Promise<void> {
    const closed = this.queue.then(async () => {
      const service = this.service;
      this.service = undefined;
      await service?.close();
    });
    this.queue = closed.catch(() => {});
    await closed;
  }
}

/**
 * Starts the ONVIF service (behind WS-UsernameToken, where RTSP wants a login too) on a port of its own.
 * @returns its device service's address, which stays the same when the camera was off; and the service, while it is on
 */
export async function addOnvif(
  camera: Camera,
  host: string,
  rtspUrl: (profile: Profile) => string,
): Promise<{ url: string; service: () => OnvifService | undefined }> {
  const { name, account } = camera.settings;
  const profiles = PROFILES.map((profile, i) => {
    const { width, height, fps, gopFrames } = camera.channels[profile].clip.parameters;
    const shape = { width, height, fps, gop: gopFrames, codec: 'h264' as const };
    const bitrate = profile === 'main' ? 2048 : 640;
    const ptz = camera.settings.ptz !== undefined;
    return { token: `Profile_${i + 1}`, name: profile, bitrate, rtspUrl: rtspUrl(profile), ptz, ...shape };
  });
  // The answer does not wait for the new picture, as with real cameras. A clip that cannot be made leaves the old one.
  const configured = ({ name, width, height, fps, gop }: VirtualProfile) => {
    const profile = PROFILES.find((known) => known === name);
    if (profile) camera.configure(profile, { width, height, fps, gop }).catch(() => {});
  };
  const synchronize = ({ name }: VirtualProfile) => {
    const profile = PROFILES.find((known) => known === name);
    if (profile) camera.channels[profile].keyNow();
  };
  const reboot = () => void camera.fault({ reboot: REBOOT }).catch(() => {});
  const login = account.kind === 'none' ? {} : { username: account.username, password: account.password };
  let port = 0;
  const { ptz } = camera.settings;
  const more = {
    ...login,
    ...(ptz ? { ptz } : {}),
    configured,
    synchronize,
    reboot,
    calls: camera.onvifCalls,
  };
  const service = new ServicePort(() => startOnvifService({ name, host, port, profiles, ...more }));
  camera.ports.push(service);
  await service.open();
  port = service.service?.port ?? 0;
  return { url: service.service?.url ?? '', service: () => service.service };
}

/**
 * Lets the camera answer WS-Discovery probes and SSDP searches.
 * @param interfaces names (`lo`) or IPv4 addresses
 */
export async function addDiscovery(
  camera: Camera,
  interfaces: readonly string[],
  onvifUrl: string,
): Promise<void> {
  const { id, name } = camera.settings;
  const hash = createHash('sha256').update(`${id} ${onvifUrl}`).digest('hex');
  const uuid = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  const mac = `02:${hash.slice(0, 10).match(/../g)?.join(':')}`;
  const options = {
    interfaces: addressesOf(interfaces),
    uuid,
    name,
    mac,
    hardware: 'Virtual',
    xaddrs: [onvifUrl],
  };
  const service = new ServicePort(() => startDiscoveryResponder(options));
  camera.ports.push(service);
  await service.open();
}

function addressesOf(interfaces: readonly string[]): string[] {
  const known = networkInterfaces();
  return interfaces.flatMap((name) => {
    const addresses = known[name]?.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
    return addresses ?? [name];
  });
}
