/**
 * What cameras answer to the calls of the event service, read from the raw XML. Pure, total, bounded: whatever the prefixes,
 * whatever is missing.
 */
import { parseServiceUrl } from '../discover/xaddrs.ts';
import { child, descendant, descendants, parseXml, type XmlElement } from '../discover/xml.ts';

/** More in one answer are not read: we ask for a hundred at most. */
const MAX_NOTIFICATIONS = 256;
const MAX_ITEMS = 32;
/** Characters of a name or a value. */
const MAX_TEXT = 200;
/** Characters of what the camera wants back with every call. */
const MAX_REFERENCE = 4096;
/** Seconds. What lies outside says nothing: the camera's clock was set meanwhile, or it means something else. */
const MAX_LIFETIME = 86_400;

/** One notification as it came, prefixes taken off. */
export interface Notification {
  /** `RuleEngine/CellMotionDetector/Motion` */
  readonly topic: string;
  /** Initialized, Changed, Deleted in lower case; undefined: no property, or not said. */
  readonly operation: string | undefined;
  /** Names in lower case. */
  readonly source: ReadonlyMap<string, string>;
  readonly data: ReadonlyMap<string, string>;
}

export function readNotifications(xml: string): Notification[] {
  return descendants(parseXml(xml), 'NotificationMessage')
    .slice(0, MAX_NOTIFICATIONS)
    .flatMap((element) => {
      const topic = plainTopic(child(element, 'Topic')?.text ?? '');
      // wsnt:Message holds tt:Message.
      const message = descendants(element, 'Message').find(
        (one) => child(one, 'Data') ?? child(one, 'Source') ?? one.attributes.get('propertyoperation'),
      );
      if (topic === '' || !message) return [];
      const operation = message.attributes.get('propertyoperation')?.trim().toLowerCase();
      const [source, data] = [itemsOf(child(message, 'Source')), itemsOf(child(message, 'Data'))];
      return [{ topic, operation, source, data }];
    });
}

/** Cameras write `tns1:RuleEngine/tnsaxis:VMD3/vmd3_video_1`, `…/Motion//.` and `…/Motion/`. */
function plainTopic(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .split('/')
    .map((step) => step.replace(/^[^:]*:/, '').trim())
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}

function itemsOf(element: XmlElement | undefined): Map<string, string> {
  const items = new Map<string, string>();
  for (const item of descendants(element, 'SimpleItem').slice(0, MAX_ITEMS)) {
    const name = item.attributes.get('name')?.trim().toLowerCase().slice(0, MAX_TEXT);
    // Some write the value between the tags.
    if (name && !items.has(name))
      items.set(name, (item.attributes.get('value') ?? item.text).trim().slice(0, MAX_TEXT));
  }
  return items;
}

export interface Subscription {
  /** Of the subscription, with the host that works. */
  readonly url: string;
  /** XML that goes into the header of every call to it; empty for most makes (Axis needs it). */
  readonly referenceParameters: string;
}

/** @param device address of the device service that answered */
export function readSubscription(xml: string, device: string): Subscription | undefined {
  const reference = descendant(parseXml(xml), 'SubscriptionReference');
  const url = serviceUrl(descendant(reference, 'Address')?.text, device);
  return url === undefined ? undefined : { url, referenceParameters: referenceParameters(xml) };
}

/**
 * Seconds that a subscription has left, by the camera's own clock: from the answers to creating, renewing and pulling.
 * Undefined when it does not say, or says nonsense (Vista says "now").
 */
export function readLifetime(xml: string): number | undefined {
  const answer = parseXml(xml);
  const time = (name: string) => Date.parse(descendant(answer, name)?.text ?? '');
  const seconds = (time('TerminationTime') - time('CurrentTime')) / 1000;
  return seconds > 0 && seconds <= MAX_LIFETIME ? seconds : undefined;
}

/** Addresses of the services that matter here, with the host that works. */
export interface EventServices {
  readonly events: string | undefined;
  readonly media: string | undefined;
}

/** From GetServices or GetCapabilities. */
export function readServices(xml: string, device: string): EventServices {
  const root = parseXml(xml);
  const service = (namespace: RegExp): string | undefined =>
    descendants(root, 'Service')
      .find((one) => namespace.test(child(one, 'Namespace')?.text ?? ''))
      ?.children.find(({ name }) => name === 'xaddr')?.text;
  const capability = (name: string): string | undefined =>
    child(descendant(descendant(root, 'Capabilities'), name), 'XAddr')?.text;
  return {
    events: serviceUrl(service(/ver10\/events\/wsdl/i) ?? capability('Events'), device),
    media: serviceUrl(service(/ver10\/media\/wsdl/i) ?? capability('Media'), device),
  };
}

/**
 * The host is the one that works: cameras tell addresses from inside their network (discover/README, case 29). A port other
 * than the device service's is kept where the camera calls itself by that host.
 */
function serviceUrl(advertised: string | undefined, device: string): string | undefined {
  const url = advertised === undefined ? undefined : parseServiceUrl(advertised);
  const base = parseServiceUrl(device);
  if (!url || !base) return undefined;
  if (url.hostname !== base.hostname) {
    url.protocol = base.protocol;
    url.port = base.port;
    url.hostname = base.hostname;
  }
  return url.href;
}

/**
 * What stands between the tags of ReferenceParameters, as it is: the camera compares it. Prefixes that were declared
 * further out are declared anew. Found by searching, not by the parser, which forgets prefixes.
 */
function referenceParameters(xml: string): string {
  const open = /<(?:[\w.-]{1,32}:)?ReferenceParameters(?:\s[^<>]{0,512})?>/.exec(xml);
  if (!open) return '';
  const begin = open.index + open[0].length;
  const inner = xml.slice(begin, begin + MAX_REFERENCE);
  const end = /<\/(?:[\w.-]{1,32}:)?ReferenceParameters\s{0,8}>/.exec(inner);
  const text = end ? inner.slice(0, end.index).trim() : '';
  if (text === '' || !parseXml(text)) return '';
  const declared = text.replace(
    /<([\w.-]{1,32}):([\w.-]{1,64})([^<>]*)>/g,
    (tag, prefix: string, name: string, rest: string) => {
      if (rest.includes(`xmlns:${prefix}=`)) return tag;
      const uri = namespaceOf(prefix, xml);
      return uri === undefined ? tag : `<${prefix}:${name} xmlns:${prefix}="${uri}"${rest}>`;
    },
  );
  // WS-Addressing 1.0, SOAP binding §3.4. There is one element wherever there is any.
  return declared.replace(/^<([\w.:-]{1,97})/, '<$1 wsa:IsReferenceParameter="true"');
}

function namespaceOf(prefix: string, xml: string): string | undefined {
  const at = xml.indexOf(`xmlns:${prefix}=`);
  if (at < 0) return undefined;
  return /^xmlns:[\w.-]+=["']([^"'<>]{1,512})["']/.exec(xml.slice(at, at + 600))?.[1];
}

/** Tokens of video sources and of their configurations, and the profiles that show them: from GetProfiles. */
export function readVideoSources(xml: string): Map<string, Set<string>> {
  const sources = new Map<string, Set<string>>();
  for (const profile of descendants(parseXml(xml), 'Profiles').slice(0, MAX_NOTIFICATIONS)) {
    const token = profile.attributes.get('token');
    const configuration =
      child(profile, 'VideoSourceConfiguration') ?? child(child(profile, 'Configurations'), 'VideoSource');
    if (!token || !configuration) continue;
    for (const source of [configuration.attributes.get('token'), child(configuration, 'SourceToken')?.text])
      if (source) sources.set(source, (sources.get(source) ?? new Set()).add(token));
  }
  return sources;
}
