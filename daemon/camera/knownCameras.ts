/** Which of the cameras that were added already a found device is. Pure. */
import type { Camera, DiscoveredDevice, OnvifDescription } from '../schema.ts';

export type Found = Pick<DiscoveredDevice, 'id' | 'address' | 'onvif_url' | 'xaddrs'>;

export interface KnownCameras {
  /** By service address, stream address or endpoint reference: certain. */
  exactly(device: Found, onvif: OnvifDescription | null): string | null;
  /** By its host alone. True only where one device and one camera have it, so ask when all devices are known. */
  byHost(device: Found): string | null;
}

export function knownCameras(
  cameras: readonly Camera[],
  endpoints: readonly { id: string; endpoint: string | null }[],
  found: Iterable<Found>,
): KnownCameras {
  const devices = [...found];
  const neighbours = Map.groupBy(devices, (device) => device.address);
  const byAddress = new Map<string, string>();
  const byHost = new Map<string, Map<string, Camera>>();
  for (const camera of cameras) {
    for (const url of [camera.address, ...camera.streams.map((stream) => stream.rtsp_url)]) {
      if (url === null) continue;
      byAddress.set(url, camera.id);
      const host = parsed(url)?.hostname ?? '';
      byHost.set(host, (byHost.get(host) ?? new Map()).set(camera.id, camera));
    }
  }
  const byEndpoint = new Map(endpoints.map(({ id, endpoint }) => [endpoint, id]));
  const byUrl = ({ xaddrs, onvif_url }: Found, onvif: OnvifDescription | null): string | undefined => {
    const services = [onvif_url, ...xaddrs, onvif?.address ?? null];
    const urls = [...services, ...(onvif?.profiles ?? []).map((profile) => profile.rtsp_url)];
    return urls.map((url) => byAddress.get(url ?? '')).find((id) => id !== undefined);
  };
  return {
    exactly: (device, onvif) => {
      const id = byUrl(device, onvif);
      if (id !== undefined) return id;
      const same = byEndpoint.get(device.id);
      if (same === undefined) return null;
      // Clones ship with one endpoint reference for all: whoever has the camera's address is the camera.
      return devices.some((one) => one.id !== device.id && byUrl(one, null) === same) ? null : same;
    },
    byHost: ({ address, onvif_url }) => {
      if (neighbours.get(address)?.length !== 1) return null;
      const ids = [...(byHost.get(address)?.values() ?? [])]
        // Behind one port forwarding two cameras differ by the port of their service.
        .filter((camera) => !onvif_url || !camera.address || placeOf(onvif_url) === placeOf(camera.address))
        .map(({ id }) => id);
      return ids.length === 1 ? (ids[0] ?? null) : null;
    },
  };
}

/** Host and port. */
export function placeOf(address: string): string | undefined {
  const url = parsed(address);
  return url && `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

/** URL() keeps the host of rtsp: addresses as it is, which is right for the IPv4 addresses looked for here. */
function parsed(address: string): URL | undefined {
  const url = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}
