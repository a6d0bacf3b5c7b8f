/**
 * Which events become alarms, for how long, and how they are shown. Pure: rules, event, what is active and the time in;
 * what is active and what is over out. What the wall's page then does with an alarm's action and priority is its own
 * business (kiosk-ui/wall/focus.ts).
 */
import type { Alarm, AlarmAction, AlarmRule, AlarmRules, AlarmTopic } from '../schema.ts';

/** Until somebody sets others: a frame around the tile for a quarter of a minute, whatever happened. */
export const DEFAULT_RULES: AlarmRules = {
  enabled: true,
  rules: [{ camera: null, topic: null, action: 'highlight', priority: 3, hold_seconds: 15, sound: false }],
  minimum_focus_seconds: 10,
  quiet_seconds: 20,
};

/** Alarms at a time. One more ends the least important one. */
export const MOST_ACTIVE = 200;
/** Seconds that an event lasts whose end is never told; cameras lose it at a reboot. */
export const LONGEST_EVENT = 600;
/** Seconds that an alarm stays for which there is no rule. */
const HOLD = 15;
/** Sources within one camera that may last at the same time for one alarm (rules of a camera, inputs of an NVR). */
export const MOST_LASTING = 16;

const ACTIONS: readonly AlarmAction[] = ['none', 'highlight', 'promote', 'full_screen'];

/** Something that happened at a camera. */
export interface AlarmEvent {
  readonly camera: string;
  readonly topic: AlarmTopic;
  readonly source: Alarm['source'];
  readonly message: string | null;
  /** moment: it happened · begin: it lasts until the `end` of the same `key` */
  readonly phase: 'moment' | 'begin' | 'end';
  /** Tells events of one camera and topic apart. */
  readonly key: string;
  /** Outweigh the rule's. */
  readonly action?: AlarmAction | undefined;
  readonly priority?: number | undefined;
  readonly hold_seconds?: number | undefined;
  readonly sound?: boolean | undefined;
}

/** Seconds, by the wall clock for people and by a clock that never jumps for everything else. */
export interface Moment {
  readonly unix: number;
  readonly steady: number;
}

export interface ActiveAlarm {
  readonly alarm: Alarm;
  readonly hold: number;
  /** When it is over, by the steady clock; null while an event lasts. */
  readonly endsAt: number | null;
  /** Events that last, and when each is given up. */
  readonly lasting: ReadonlyMap<string, number>;
}

export interface Decision {
  readonly active: readonly ActiveAlarm[];
  /** Those that ended by this. */
  readonly over: readonly Alarm[];
  /** The alarm that the event became or is part of. */
  readonly alarm: Alarm | undefined;
}

/**
 * The first rule whose camera and topic fit decides; what the raiser says outweighs it. The same camera, topic and source
 * again is the same alarm: it counts one more, stays longer, and grows stronger but never weaker.
 * Without a fitting rule a camera's event is nothing, and one that a program raised is listed only. While alarms are
 * switched off the same holds for all.
 */
export function decide(
  rules: AlarmRules,
  event: AlarmEvent,
  active: readonly ActiveAlarm[],
  now: Moment,
  newId: () => string,
): Decision {
  const same = active.find(({ alarm }) => isSame(alarm, event));
  if (event.phase === 'end') {
    if (!same?.lasting.has(event.key)) return { active, over: [], alarm: same?.alarm };
    const lasting = new Map(same.lasting);
    lasting.delete(event.key);
    const ended = lasting.size > 0 ? { ...same, lasting } : held({ ...same, lasting }, now);
    return { active: replaced(active, same, ended), over: [], alarm: ended.alarm };
  }
  const rule = rules.rules.find((one) => fits(one, event));
  const ruled = rules.enabled && rule;
  if (!ruled && event.source === 'onvif') return { active, over: [], alarm: undefined };
  const next = same
    ? again(same, wishOf(event, ruled, rules.enabled), event, now)
    : begun(wishOf(event, ruled, rules.enabled), event, now, newId());
  if (same) return { active: replaced(active, same, next), over: [], alarm: next.alarm };
  const least = active.length >= MOST_ACTIVE ? leastImportant(active) : undefined;
  return {
    active: [...active.filter((one) => one !== least), next],
    over: least ? [ended(least, now)] : [],
    alarm: next.alarm,
  };
}

/** Ends what is over by now. */
export function expire(active: readonly ActiveAlarm[], now: Moment): Omit<Decision, 'alarm'> {
  const over: Alarm[] = [];
  const left = active.flatMap((one) => {
    const lasting = new Map([...one.lasting].filter(([, givenUpAt]) => givenUpAt > now.steady));
    const gaveUp = one.lasting.size > 0 && lasting.size === 0;
    const next = gaveUp ? held({ ...one, lasting }, now) : one;
    if (next.endsAt === null || next.endsAt > now.steady) return [next];
    over.push(next.alarm);
    return [];
  });
  return { active: left, over };
}

/** When `expire` will next change something, by the steady clock; undefined: never. */
export function nextExpiry(active: readonly ActiveAlarm[]): number | undefined {
  const times = active.flatMap(({ endsAt, lasting }) => (endsAt === null ? [...lasting.values()] : [endsAt]));
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * Somebody has seen it. What a program raised is over by that. What a camera tells stays in the list, off the screen,
 * until it has been quiet for the hold time: else a bush in the wind would be back in a second.
 */
export function acknowledge(active: readonly ActiveAlarm[], id: string, now: Moment): Decision {
  const one = active.find(({ alarm }) => alarm.id === id);
  if (!one) return { active, over: [], alarm: undefined };
  const alarm = { ...one.alarm, acknowledged: true };
  if (one.alarm.source === 'onvif')
    return { active: replaced(active, one, { ...one, alarm }), over: [], alarm };
  const last = { ...alarm, until: now.unix };
  return { active: active.filter((other) => other !== one), over: [last], alarm: last };
}

/** Ends all that `keeps` is false for. */
export function endWhere(
  active: readonly ActiveAlarm[],
  keeps: (alarm: Alarm) => boolean,
  now: Moment,
): Omit<Decision, 'alarm'> {
  const [left, gone] = [active.filter(({ alarm }) => keeps(alarm)), active.filter((a) => !keeps(a.alarm))];
  return { active: gone.length === 0 ? active : left, over: gone.map((one) => ended(one, now)) };
}

function isSame(alarm: Alarm, event: AlarmEvent): boolean {
  return alarm.camera === event.camera && alarm.topic === event.topic && alarm.source === event.source;
}

function fits(rule: AlarmRule, event: AlarmEvent): boolean {
  return (rule.camera ?? event.camera) === event.camera && (rule.topic ?? event.topic) === event.topic;
}

type Wish = Pick<Alarm, 'action' | 'priority' | 'sound'> & { hold: number };

function wishOf(event: AlarmEvent, rule: AlarmRule | false | undefined, enabled: boolean): Wish {
  const { action, priority, hold_seconds, sound } = event;
  const ruled = rule || { action: 'none' as const, priority: 0, hold_seconds: HOLD, sound: false };
  return {
    action: enabled ? (action ?? ruled.action) : 'none',
    priority: priority ?? ruled.priority,
    sound: enabled && (sound ?? ruled.sound),
    hold: hold_seconds ?? ruled.hold_seconds,
  };
}

function begun({ hold, ...shown }: Wish, event: AlarmEvent, now: Moment, id: string): ActiveAlarm {
  const { camera, topic, source, message } = event;
  const alarm: Alarm = {
    ...{ id, camera, topic, message, source, ...shown },
    since: now.unix,
    until: null,
    events: 1,
    acknowledged: false,
  };
  if (event.phase === 'moment') return held({ alarm, hold, endsAt: null, lasting: new Map() }, now);
  return { alarm, hold, endsAt: null, lasting: new Map([[event.key, now.steady + LONGEST_EVENT]]) };
}

function again(same: ActiveAlarm, wish: Wish, event: AlarmEvent, now: Moment): ActiveAlarm {
  const lasting = new Map(same.lasting);
  const isNews = !lasting.has(event.key);
  if (event.phase === 'begin' && (!isNews || lasting.size < MOST_LASTING))
    lasting.set(event.key, now.steady + LONGEST_EVENT);
  // Cameras repeat the state of what lasts, some every second: that is no new event.
  if (!isNews && event.phase === 'begin') return { ...same, lasting };
  const { alarm } = same;
  const next: ActiveAlarm = {
    ...same,
    lasting,
    hold: Math.max(same.hold, wish.hold),
    alarm: {
      ...alarm,
      action: ACTIONS[Math.max(ACTIONS.indexOf(alarm.action), ACTIONS.indexOf(wish.action))] ?? alarm.action,
      priority: Math.max(alarm.priority, wish.priority),
      sound: alarm.sound || wish.sound,
      message: event.message ?? alarm.message,
      events: alarm.events + 1,
    },
  };
  if (lasting.size > 0) return { ...next, endsAt: null, alarm: { ...next.alarm, until: null } };
  // Never shorter than it was going to be.
  const kept = held({ ...next, hold: wish.hold }, now);
  if (same.endsAt === null || (kept.endsAt ?? 0) >= same.endsAt) return { ...kept, hold: next.hold };
  return { ...next, endsAt: same.endsAt };
}

/** Nothing lasts any more: from now on it stays for the hold time. */
function held(one: ActiveAlarm, now: Moment): ActiveAlarm {
  return {
    ...one,
    endsAt: now.steady + one.hold,
    alarm: { ...one.alarm, until: now.unix + one.hold },
  };
}

function ended({ alarm }: ActiveAlarm, now: Moment): Alarm {
  return { ...alarm, until: now.unix };
}

function leastImportant(active: readonly ActiveAlarm[]): ActiveAlarm | undefined {
  // Of equal ones the oldest, which stands first.
  return active.reduce((least, one) => (one.alarm.priority < least.alarm.priority ? one : least));
}

function replaced(
  active: readonly ActiveAlarm[],
  before: ActiveAlarm,
  after: ActiveAlarm,
): readonly ActiveAlarm[] {
  return active.map((one) => (one === before ? after : one));
}
