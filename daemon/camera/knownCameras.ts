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
  const byAddress = new Map<string, string>();
  const byHost = new Map<string, Set<string>>();
  for (const { id, address, streams } of cameras) {
    for (const url of [address, ...streams.map((stream) => stream.rtsp_url)]) {
      if (url === null) continue;
      byAddress.set(url, id);
      // A camera with a service address is not another service of the same host; of one added by hand the host is all we know.
      const host = address === null ? hostOf(url) : placeOf(address);
      if (host !== undefined) byHost.set(host, (byHost.get(host) ?? new Set()).add(id));
    }
  }
  const devices = [...found];
  const neighbours = Map.groupBy(devices, (device) => device.address);
  const byUrl = ({ xaddrs, onvif_url }: Found, onvif: OnvifDescription | null): string | null => {
    const urls = [
      onvif_url,
      ...xaddrs,
      ...(onvif ? [onvif.address, ...onvif.profiles.map((profile) => profile.rtsp_url)] : []),
    ];
    return urls.map((url) => (url === null ? undefined : byAddress.get(url))).find((id) => id) ?? null;
  };
  const byEndpoint = new Map(endpoints.map(({ id, endpoint }) => [endpoint, id]));
  return {
    exactly: (device, onvif) => {
      const id = byUrl(device, onvif);
      if (id !== null) return id;
      const same = byEndpoint.get(device.id);
      // Clones ship with one endpoint reference for all: whoever has the camera's address is the camera.
      const other = devices.some((one) => one.id !== device.id && byUrl(one, null) === same);
      return same === undefined || other ? null : same;
    },
    byHost: (device) => {
      const place = device.onvif_url === null ? undefined : placeOf(device.onvif_url);
      const ids = new Set([...(byHost.get(device.address) ?? []), ...(byHost.get(place ?? '') ?? [])]);
      const alone = ids.size === 1 && neighbours.get(device.address)?.length === 1;
      return alone ? ([...ids][0] ?? null) : null;
    },
  };
}

function parsed(address: string): URL | undefined {
  // URL() keeps the host of rtsp: addresses as it is, which is right for the IPv4 addresses looked for here.
  const url = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

function hostOf(address: string): string | undefined {
  return parsed(address)?.hostname;
}

/** Host and port. */
export function placeOf(address: string): string | undefined {
  const url = parsed(address);
  return url && `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
