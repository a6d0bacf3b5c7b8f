/**
 * The event service of a virtual camera: subscriptions that are pulled, as cameras of the standard have them. Knows no
 * socket: onvifService.ts hands it the calls, after the login.
 */
import { envelope, faultXml } from './onvifAnswers.ts';

/** Something that the camera notices. */
export interface VirtualEvent {
  /** With prefixes, as it stands in the message: `tns1:RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string;
  readonly operation?: 'Initialized' | 'Changed' | 'Deleted';
  readonly source?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface EventFaults {
  /** There is no such service. */
  readonly none?: boolean;
  /** Renew is answered with a fault. */
  readonly noRenew?: boolean;
  /** Subscriptions are named by a reference parameter, not by their address (Axis). */
  readonly axis?: boolean;
  /** Seconds that a subscription lives; default: as asked for. */
  readonly lifetime?: number;
}

interface Subscription {
  readonly id: string;
  until: number;
  queue: VirtualEvent[];
  wake: (() => void) | undefined;
}

/** What arrived, and what is to be answered. `gone`: nobody waits for the answer any more. */
export interface EventCall {
  readonly call: string;
  readonly body: string;
  readonly path: string;
  readonly gone: AbortSignal;
}

const MOST_SUBSCRIPTIONS = 5;
const CALLS = ['CreatePullPointSubscription', 'PullMessages', 'Renew', 'Unsubscribe'];

export class EventService {
  readonly faults: EventFaults;
  #subscriptions = new Map<string, Subscription>();
  #made = 0;

  constructor(faults: EventFaults = {}) {
    this.faults = faults;
  }

  /** Open ones; those that nobody renewed are over. */
  get subscriptions(): number {
    this.#sweep();
    return this.#subscriptions.size;
  }

  /** Motion begins or ends. */
  motion(on: boolean): void {
    this.tell({
      topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
      operation: 'Changed',
      source: { VideoSourceConfigurationToken: 'VSC0', Rule: 'MyMotionDetectorRule' },
      data: { IsMotion: String(on) },
    });
  }

  /** All who have subscribed are told. */
  tell(event: VirtualEvent): void {
    this.#sweep();
    for (const subscription of this.#subscriptions.values()) {
      subscription.queue.push(event);
      subscription.wake?.();
    }
  }

  /** Forgets every subscription, as a camera that was started anew. */
  reset(): void {
    for (const { wake } of this.#subscriptions.values()) wake?.();
    this.#subscriptions.clear();
  }

  takes(call: string): boolean {
    return !this.faults.none && CALLS.includes(call);
  }

  /** @param base of the service's addresses @returns the answer */
  async answer(base: string, { call, body, path, gone }: EventCall): Promise<string> {
    this.#sweep();
    if (call === 'CreatePullPointSubscription') return this.#create(base, body);
    const subscription = this.#subscriptions.get(this.#named(path, body));
    if (!subscription) return faultXml('wsrf-rw:ResourceUnknownFault', 'Unknown subscription');
    switch (call) {
      case 'Unsubscribe':
        this.#subscriptions.delete(subscription.id);
        subscription.wake?.();
        return envelope('<wsnt:UnsubscribeResponse/>');
      case 'Renew':
        if (this.faults.noRenew) return faultXml('ter:ActionNotSupported', 'No Renew');
        subscription.until = Date.now() + this.#lifetime(body) * 1000;
        return envelope(`<wsnt:RenewResponse>${times('wsnt', subscription)}</wsnt:RenewResponse>`);
      default:
        return this.#pull(subscription, body, gone);
    }
  }

  #create(base: string, body: string): string {
    if (this.#subscriptions.size >= MOST_SUBSCRIPTIONS)
      return faultXml('ter:MaxPullPoints', 'Too many subscriptions');
    const id = String(++this.#made);
    const until = Date.now() + this.#lifetime(body) * 1000;
    const subscription: Subscription = { id, until, queue: [], wake: undefined };
    this.#subscriptions.set(id, subscription);
    // How things are when somebody comes.
    subscription.queue.push({
      topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
      operation: 'Initialized',
      source: { VideoSourceConfigurationToken: 'VSC0', Rule: 'MyMotionDetectorRule' },
      data: { IsMotion: 'true' },
    });
    const reference = this.faults.axis
      ? `<wsa5:Address>${base}/onvif/services</wsa5:Address><wsa5:ReferenceParameters><dom0:SubscriptionId>${id}</dom0:SubscriptionId></wsa5:ReferenceParameters>`
      : `<wsa5:Address>${base}/onvif/Events/Subscription?Idx=${id}</wsa5:Address>`;
    return envelope(
      '<tev:CreatePullPointSubscriptionResponse xmlns:wsa5="http://www.w3.org/2005/08/addressing" xmlns:dom0="http://www.axis.com/2009/event">' +
        `<tev:SubscriptionReference>${reference}</tev:SubscriptionReference>${times('wsnt', subscription)}` +
        '</tev:CreatePullPointSubscriptionResponse>',
    );
  }

  #named(path: string, body: string): string {
    if (!this.faults.axis) return /[?&]Idx=(\d+)/.exec(path)?.[1] ?? '';
    return (
      /<(?:\w+:)?SubscriptionId\s[^>]*xmlns:dom0="http:\/\/www\.axis\.com\/2009\/event"[^>]*>(\d+)</.exec(
        body,
      )?.[1] ?? ''
    );
  }

  async #pull(subscription: Subscription, body: string, gone: AbortSignal): Promise<string> {
    const timeout = Number(/<(?:\w+:)?Timeout>PT(\d+)S</.exec(body)?.[1] ?? 1) * 1000;
    const limit = Number(/<(?:\w+:)?MessageLimit>(\d+)</.exec(body)?.[1] ?? 1);
    if (subscription.queue.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(timeout, Math.max(0, subscription.until - Date.now())));
        subscription.wake = () => {
          clearTimeout(timer);
          resolve();
        };
        gone.addEventListener('abort', subscription.wake, { once: true });
      });
      subscription.wake = undefined;
    }
    if (gone.aborted) return '';
    const messages = subscription.queue.splice(0, limit).map(notificationXml).join('');
    return envelope(
      `<tev:PullMessagesResponse>${times('tev', subscription)}${messages}</tev:PullMessagesResponse>`,
    );
  }

  #lifetime(body: string): number {
    const asked = /TerminationTime>PT(\d+)S</.exec(body)?.[1];
    return this.faults.lifetime ?? Number(asked ?? 60);
  }

  #sweep(): void {
    for (const [id, { until, wake }] of this.#subscriptions) {
      if (until > Date.now()) continue;
      this.#subscriptions.delete(id);
      wake?.();
    }
  }
}

function times(prefix: string, { until }: Subscription): string {
  const time = (name: string, at: number) =>
    `<${prefix}:${name}>${new Date(at).toISOString()}</${prefix}:${name}>`;
  return time('CurrentTime', Date.now()) + time('TerminationTime', until);
}

export function notificationXml({ topic, operation, source = {}, data = {} }: VirtualEvent): string {
  const items = (all: Readonly<Record<string, string>>) =>
    Object.entries(all)
      .map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`)
      .join('');
  const property = operation === undefined ? '' : ` PropertyOperation="${operation}"`;
  return (
    '<wsnt:NotificationMessage>' +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${new Date().toISOString()}"${property}><tt:Source>${items(source)}</tt:Source>` +
    `<tt:Data>${items(data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
