/**
 * WS-Discovery (April 2005) as ONVIF uses it: the probes we send, the replies that cameras send.
 * Pure and total; the sockets are in probeSockets.ts. README, cases 6–10 and 14–19.
 */
import { descendant, descendants, parseXml, type XmlElement } from './xml.ts';

export const WS_DISCOVERY_GROUP = '239.255.255.250';
export const WS_DISCOVERY_PORT = 3702;

/** Larger than any UDP payload, so nothing valid is cut. */
const MAX_DATAGRAM = 65_536;
/** A message listing more devices than that is not read to its end. */
const MAX_MATCHES = 64;

/**
 * In separate probes, since several types in one list may mean AND; the empty one is for devices that know neither
 * (vicmaeg/onvif-discovery#49).
 */
export const PROBE_TYPES = ['dn:NetworkVideoTransmitter', 'tds:Device', ''] as const;

/**
 * One Probe. All on one line: a Hikvision answers a probe with line breaks by a fault
 * (edgexfoundry/device-onvif-camera#134). Namespaces are those of 2005/04; cameras do not know 2009/01.
 * @param messageId a fresh UUID
 */
export function buildProbe(types: string, messageId: string): string {
  const body = types === '' ? '<d:Types/><d:Scopes/>' : `<d:Types>${types}</d:Types>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"' +
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl">' +
    '<s:Header>' +
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>' +
    `<a:MessageID>urn:uuid:${messageId}</a:MessageID>` +
    '<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>' +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
    '</s:Header>' +
    `<s:Body><d:Probe>${body}</d:Probe></s:Body>` +
    '</s:Envelope>'
  );
}

export interface ProbeMatch {
  /** Endpoint reference as `urn:uuid:…` in lower case; undefined when missing or a nil UUID. */
  readonly endpoint: string | undefined;
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  /** As written, split at blanks; rankXAddrs repairs them. */
  readonly xaddrs: readonly string[];
  /** Speaks ONVIF, as far as the match tells; printers and Windows PCs answer the untyped probe too. */
  readonly onvif: boolean;
}

export interface WsDiscoveryReply {
  readonly matches: readonly ProbeMatch[];
  /**
   * The sender seems to speak ONVIF though no service address was learnt: a SOAP fault, half a message, a match
   * without XAddrs. Worth asking it directly.
   */
  readonly hint: boolean;
  /** Why there is no match, for the log. */
  readonly problem: string | undefined;
}

/**
 * Reads one datagram. RelatesTo is not required: some cameras leave it out or fill it wrongly, and nothing but a
 * ProbeMatch is taken. Bytes that are not UTF-8 become U+FFFD.
 */
export function parseReply(datagram: Uint8Array): WsDiscoveryReply {
  const text = new TextDecoder('utf-8').decode(datagram.subarray(0, MAX_DATAGRAM));
  const mentionsOnvif = /onvif|ProbeMatch|NetworkVideoTransmitter/i.test(text);
  const root = parseXml(text);
  if (!root) return { matches: [], hint: mentionsOnvif, problem: 'not XML' };

  const namespaces = deviceNamespacePrefixes(text);
  const matches = descendants(root, 'ProbeMatch')
    .slice(0, MAX_MATCHES)
    .map((element) => readMatch(element, namespaces));
  // Axis M1034-W sends its answer in two datagrams (bluecherry-apps#182): an end is missing, or a beginning.
  const whole = /<\/(?:[\w.-]+:)?Envelope\s*>[\s\0]*$/.test(text.slice(-256)) && descendant(root, 'Envelope');
  const mute = matches.some((match) => match.onvif && match.xaddrs.length === 0);
  if (matches.length > 0) return { matches, hint: mute || (!whole && mentionsOnvif), problem: undefined };

  const fault = descendant(root, 'Fault');
  if (fault) return { matches: [], hint: true, problem: `SOAP fault: ${faultText(fault)}` };
  if (!whole) return { matches: [], hint: mentionsOnvif, problem: 'not a whole SOAP message' };
  return { matches: [], hint: false, problem: 'no ProbeMatch in it' };
}

function readMatch(element: XmlElement, deviceNamespaces: ReadonlySet<string>): ProbeMatch {
  const types = words(descendant(element, 'Types')?.text);
  const scopes = words(descendant(element, 'Scopes')?.text);
  const xaddrs = words(descendant(element, 'XAddrs')?.text);
  const reference = descendant(element, 'EndpointReference');
  const endpoint = normaliseEndpoint(
    descendant(reference, 'Address')?.text ?? descendant(element, 'Address')?.text,
  );
  const onvif =
    [...scopes, ...xaddrs].some((word) => /onvif/i.test(word)) ||
    types.some((type) => {
      const [prefix, name] = type.includes(':') ? type.split(':', 2) : ['', type];
      if (name?.startsWith('NetworkVideo')) return true;
      // wsdp:Device is any Windows device; only ONVIF's own Device counts.
      return name === 'Device' && (prefix === 'tds' || deviceNamespaces.has(prefix ?? ''));
    });
  return { endpoint, types, scopes, xaddrs, onvif };
}

/** Prefixes that this message binds to ONVIF's device namespace. */
function deviceNamespacePrefixes(text: string): Set<string> {
  const prefixes = new Set<string>();
  for (const [, prefix] of text.matchAll(
    /xmlns:([\w.-]{1,32})\s{0,8}=\s{0,8}["']http:\/\/www\.onvif\.org\/ver10\/device/g,
  ))
    if (prefix) prefixes.add(prefix);
  return prefixes;
}

/** `uuid:` and `urn:uuid:`, upper and lower case are the same device. A nil UUID is a factory that forgot. */
export function normaliseEndpoint(text: string | undefined): string | undefined {
  if (!text || text.length > 256) return undefined;
  const address = text.trim().toLowerCase();
  const uuid = /^(?:urn:)?uuid:(.+)$/.exec(address)?.[1];
  if (uuid !== undefined) return /^[0-]*$/.test(uuid) ? undefined : `urn:uuid:${uuid}`;
  // The anonymous address of WS-Addressing names nobody.
  return address === '' || address.endsWith('/role/anonymous') || address.endsWith('/anonymous')
    ? undefined
    : address;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function faultText(fault: XmlElement): string {
  const text = descendant(fault, 'Text')?.text ?? descendant(fault, 'faultstring')?.text ?? fault.text;
  return text.slice(0, 200);
}
