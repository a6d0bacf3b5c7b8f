/** One subscription to a camera's events: made, pulled, renewed, given back. The order of the calls; nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OnvifError } from './onvifError.ts';
import {
  type EventServices,
  type Notification,
  readLifetime,
  readNotifications,
  readServices,
  readSubscription,
  readVideoSources,
  type Subscription,
} from './onvifEventReply.ts';
import { type SoapCall, SoapClient } from './onvifSoap.ts';

/** Seconds that a camera may hold a pull back, and that a subscription lives without being renewed. */
const PULL = 30;
/**
 * Short, since cameras have few subscriptions and keep that of a box that lost its power; longer than two pulls, so that a
 * lost one does not end it.
 */
const LIFETIME = 120;
const RENEW_BEFORE = 60;
/** Milliseconds. */
const CALL_TIMEOUT = 10_000;
const PULL_TIMEOUT = (PULL + 15) * 1000;
const GOODBYE_TIMEOUT = 1_500;
/** Between two pulls, as some cameras answer at once that there is nothing. */
const SHORTEST_ROUND = 1_000;

const EVENTS = 'http://www.onvif.org/ver10/events/wsdl';
const WSN = 'http://docs.oasis-open.org/wsn/bw-2';

export interface PullPointOptions {
  /** Device service. */
  readonly address: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly signal: AbortSignal;
  /** The subscription is there. `sources`: which profiles show which video source, as far as the camera tells. */
  readonly subscribed: (sources: ReadonlyMap<string, ReadonlySet<string>>) => void;
  readonly told: (notifications: readonly Notification[]) => void;
}

/** The camera has no event service, or none that can be pulled. */
export class NoEventService extends Error {
  override name = 'NoEventService';
}

/** Subscribes and pulls until aborted. @throws NoEventService, OnvifError */
export async function pullEvents(options: PullPointOptions): Promise<void> {
  const { address, signal, subscribed } = options;
  const soap = new SoapClient(options);
  await soap.readClock(address, CALL_TIMEOUT, signal);
  const services = await findServices(soap, address, signal);
  if (services.events === undefined) throw new NoEventService(`${address} has no event service`);
  const sources = await videoSources(soap, services.media, signal);
  const created = await soap.call({
    ...{ url: services.events, name: 'CreatePullPointSubscription', timeout: CALL_TIMEOUT, signal },
    action: `${EVENTS}/EventPortType/CreatePullPointSubscriptionRequest`,
    body:
      '<tev:CreatePullPointSubscription>' +
      `<tev:InitialTerminationTime>PT${LIFETIME}S</tev:InitialTerminationTime></tev:CreatePullPointSubscription>`,
    to: { referenceParameters: '' },
  });
  const subscription = readSubscription(created, address);
  if (!subscription)
    throw new OnvifError('fault', 'The camera does not say where its events are', `${address} events`);
  subscribed(sources);
  try {
    await pull(soap, subscription, readLifetime(created), options);
  } finally {
    // On a signal of its own: ours has been aborted. A camera that is gone keeps us a moment, no more.
    const goodbye = callTo(
      subscription,
      'Unsubscribe',
      `${WSN}/SubscriptionManager/UnsubscribeRequest`,
      '<wsnt:Unsubscribe/>',
    );
    await soap.call({ ...goodbye, timeout: GOODBYE_TIMEOUT }).catch(() => {});
  }
}

async function pull(
  soap: SoapClient,
  subscription: Subscription,
  lifetime: number | undefined,
  { signal, told }: PullPointOptions,
): Promise<void> {
  let expiresAt = expiry(lifetime);
  let renewable = true;
  let broken = 0;
  while (!signal.aborted) {
    const begun = performance.now();
    if (renewable && expiresAt - begun < RENEW_BEFORE * 1000) {
      try {
        expiresAt = expiry(readLifetime(await soap.call({ ...renewal(subscription), signal })));
      } catch (error) {
        // Some cannot, and lengthen it with every pull, or let it end: then there will be another one.
        if (!(error instanceof OnvifError) || error.code !== 'fault') throw error;
        renewable = false;
      }
    }
    if (expiresAt <= begun) throw new OnvifError('fault', 'The subscription is over', subscription.url);
    let xml: string;
    try {
      xml = await soap.call({ ...pulling(subscription), signal });
      broken = 0;
    } catch (error) {
      if (signal.aborted) return;
      // Some close the connection when there is nothing to tell.
      const closed = error instanceof OnvifError && error.code === 'unreachable';
      if (!closed || ++broken > 2) throw error;
      await rest(SHORTEST_ROUND, signal);
      continue;
    }
    const left = readLifetime(xml);
    if (left !== undefined) expiresAt = expiry(left);
    const notifications = readNotifications(xml);
    if (notifications.length > 0) told(notifications);
    else await rest(SHORTEST_ROUND - (performance.now() - begun), signal);
  }
}

const expiry = (seconds: number | undefined) => performance.now() + (seconds ?? LIFETIME) * 1000;

function callTo(
  subscription: Subscription,
  name: string,
  action: string,
  body: string,
): Omit<SoapCall, 'timeout'> {
  const { url, referenceParameters } = subscription;
  return { url, name, action, body, to: { referenceParameters } };
}

function pulling(subscription: Subscription): SoapCall {
  const action = `${EVENTS}/PullPointSubscription/PullMessagesRequest`;
  const body = `<tev:PullMessages><tev:Timeout>PT${PULL}S</tev:Timeout><tev:MessageLimit>100</tev:MessageLimit></tev:PullMessages>`;
  return { ...callTo(subscription, 'PullMessages', action, body), timeout: PULL_TIMEOUT };
}

function renewal(subscription: Subscription): SoapCall {
  const action = `${WSN}/SubscriptionManager/RenewRequest`;
  const body = `<wsnt:Renew><wsnt:TerminationTime>PT${LIFETIME}S</wsnt:TerminationTime></wsnt:Renew>`;
  return { ...callTo(subscription, 'Renew', action, body), timeout: CALL_TIMEOUT };
}

/** GetServices; GetCapabilities for older Axis and others without it (discover/README, case 29). */
async function findServices(soap: SoapClient, url: string, signal: AbortSignal): Promise<EventServices> {
  const device = 'http://www.onvif.org/ver10/device/wsdl';
  const ask = async (name: string, body: string): Promise<EventServices | undefined> => {
    try {
      const call = {
        url,
        name,
        action: `${device}/${name}`,
        body,
        open: true,
        timeout: CALL_TIMEOUT,
        signal,
      };
      const found = readServices(await soap.call(call), url);
      return found.events === undefined ? undefined : found;
    } catch (error) {
      if (error instanceof OnvifError && (error.code === 'fault' || error.code === 'not_onvif'))
        return undefined;
      throw error;
    }
  };
  const includeNothing = '<tds:IncludeCapability>false</tds:IncludeCapability>';
  return (
    (await ask('GetServices', `<tds:GetServices>${includeNothing}</tds:GetServices>`)) ??
    (await ask(
      'GetCapabilities',
      '<tds:GetCapabilities><tds:Category>All</tds:Category></tds:GetCapabilities>',
    )) ?? {
      events: undefined,
      media: undefined,
    }
  );
}

/** An NVR has many video sources behind one address. What cannot be told apart concerns the whole camera. */
async function videoSources(
  soap: SoapClient,
  media: string | undefined,
  signal: AbortSignal,
): Promise<Map<string, Set<string>>> {
  if (media === undefined) return new Map();
  try {
    const action = 'http://www.onvif.org/ver10/media/wsdl/GetProfiles';
    const call = {
      url: media,
      name: 'GetProfiles',
      action,
      body: '<trt:GetProfiles/>',
      timeout: CALL_TIMEOUT,
      signal,
    };
    return readVideoSources(await soap.call(call));
  } catch (error) {
    if (error instanceof OnvifError && (error.code === 'fault' || error.code === 'not_onvif'))
      return new Map();
    throw error;
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
