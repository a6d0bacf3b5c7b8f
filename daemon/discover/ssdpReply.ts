/** What an SSDP answer says, with little trust. Pure and total. README, case 22. */

export interface SsdpReply {
  /** Address of the device description, only if it is http on the very host that answered. */
  readonly location: string | undefined;
  /** ST, USN and SERVER: where words such as DigitalSecurityCamera may stand. */
  readonly words: string;
  /** `uuid:…` in lower case; optional: USN is missing or not a UUID on real devices (async_upnp_client#97). */
  readonly udn: string | undefined;
}

const MAX_HEADER = 1024;

/**
 * @param headers names in upper case, as node-ssdp hands them over
 * @param sender IPv4 address that answered
 */
export function readSsdpReply(headers: Readonly<Record<string, unknown>>, sender: string): SsdpReply {
  const header = (name: string): string => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return typeof value === 'string' ? value.slice(0, MAX_HEADER).trim() : '';
  };
  const udn = /^uuid:([0-9a-z._-]+)/i.exec(header('USN'))?.[1];
  return {
    location: ownLocation(header('LOCATION') || header('AL'), sender),
    words: [header('ST'), header('USN'), header('SERVER')].filter((text) => text !== '').join(' '),
    udn: udn === undefined ? undefined : `uuid:${udn.toLowerCase()}`,
  };
}

/** A LOCATION on another host would let any device on the network make us fetch any address. */
function ownLocation(text: string, sender: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'http:' || url.hostname !== sender) return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
}
