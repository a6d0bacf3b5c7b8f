/** Keeps the alarms: what is active now, what was, the rules, and everybody told. alarmRules.ts decides. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import { type Alarm, type AlarmList, AlarmRules, type ServerEvent } from '../schema.ts';
import { type AlarmStore, LISTED_ALARMS } from '../store/alarms.ts';
import type { SettingStore } from '../store/settings.ts';
import {
  type ActiveAlarm,
  type AlarmEvent,
  acknowledge,
  DEFAULT_RULES,
  decide,
  endWhere,
  expire,
  type Moment,
  nextExpiry,
} from './alarmRules.ts';

/** Key of the rules among the settings. */
const RULES = 'alarm_rules';
/** Milliseconds between two messages to all pages: a camera in the rain tells fifty events a second. */
const TELL_EVERY = 200;
/** Milliseconds until what is over is written down: flash memory wears out. */
const WRITE_EVERY = 5_000;
/** Timers of more than 24 days fire at once. */
const LONGEST_TIMER = 3_600_000;

const checked = Compile(AlarmRules);

export interface AlarmsOptions {
  store: { readonly alarms: AlarmStore; readonly settings: SettingStore };
  cameras: {
    camera(id: string): unknown;
    subscribe(listener: (event: ServerEvent) => void): () => void;
    announce(event: ServerEvent): void;
  };
  log: Logger;
  /** For tests. */
  now?: () => Moment;
}

const bothClocks = (): Moment => ({ unix: Date.now() / 1000, steady: performance.now() / 1000 });

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #now: () => Moment;
  #rules: AlarmRules;
  #active: readonly ActiveAlarm[] = [];
  /** Over, and not written down yet; the newest last. */
  #over: Alarm[] = [];
  #ruleListeners = new Set<() => void>();
  #eventListeners = new Set<(event: AlarmEvent) => void>();
  #unsubscribe: () => void;
  #toldAt = -Infinity;
  #telling: NodeJS.Timeout | undefined;
  #expiring: NodeJS.Timeout | undefined;
  #writing: NodeJS.Timeout | undefined;
  #failing = false;
  #closed = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#now = options.now ?? bothClocks;
    this.#rules = this.#storedRules();
    this.#unsubscribe = options.cameras.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras')
        this.#end(({ camera }) => options.cameras.camera(camera) !== undefined);
    });
  }

  /** A backup may bring anything under the key. */
  #storedRules(): AlarmRules {
    const stored = this.#options.store.settings.get<unknown>(RULES);
    if (stored === undefined || checked.Check(stored)) return stored ?? DEFAULT_RULES;
    this.#options.log.warn('the stored alarm rules cannot be read: those of a new box are used');
    return DEFAULT_RULES;
  }

  get rules(): AlarmRules {
    return this.#rules;
  }

  /** Saved, and in force at once for what happens from now on; switching alarms off ends all. @throws StoreError `io` */
  setRules(rules: AlarmRules): void {
    this.#options.store.settings.put(RULES, rules);
    this.#rules = rules;
    if (!rules.enabled) this.#end(() => false);
    this.#tell();
    for (const listener of this.#ruleListeners) listener();
  }

  /** Told after every change of the rules; the returned function ends it. */
  onRules(listener: () => void): () => void {
    this.#ruleListeners.add(listener);
    return () => this.#ruleListeners.delete(listener);
  }

  /** Told of everything that happens, whatever the rules make of it; the returned function ends it. */
  onEvent(listener: (event: AlarmEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** @returns the alarm that it became or belongs to; undefined: it is none by the rules, or there is no such camera */
  raise(event: AlarmEvent): Alarm | undefined {
    if (this.#closed || this.#options.cameras.camera(event.camera) === undefined) return undefined;
    for (const listener of this.#eventListeners) listener(event);
    const now = this.#now();
    const before = this.#active;
    this.#apply(expire(before, now), before);
    const current = this.#active;
    const decision = decide(this.#rules, event, current, now, randomUUID);
    this.#apply(decision, current);
    return decision.alarm;
  }

  /** Takes it off all screens. @returns undefined: there is no active alarm of that id */
  acknowledge(id: string): Alarm | undefined {
    const before = this.#active;
    const decision = acknowledge(before, id, this.#now());
    this.#apply(decision, before);
    return decision.alarm;
  }

  /** @throws StoreError `io` */
  list(): AlarmList {
    const over = [...this.#over, ...this.#options.store.alarms.recent()];
    const recent = over.sort((a, b) => b.since - a.since).slice(0, LISTED_ALARMS);
    return { active: this.#shown(), recent };
  }

  /** Those that were on between two times (Unix seconds), in no order. @throws StoreError `io` */
  between(from: number, to: number): Alarm[] {
    const ours = [...this.#over, ...this.#shown()];
    return [
      ...this.#options.store.alarms.between(from, to),
      ...ours.filter(({ since, until }) => since < to && (until ?? Infinity) > from),
    ];
  }

  /** What a page is told on connecting and on every change. */
  event(): ServerEvent {
    return { type: 'alarms', alarms: this.#shown(), rules: this.#rules };
  }

  /** Writes down what is over. To be called before the store is closed; what is active is forgotten. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    for (const timer of [this.#telling, this.#expiring, this.#writing]) clearTimeout(timer);
    this.#telling = this.#expiring = this.#writing = undefined;
    this.#over.push(...endWhere(this.#active, () => false, this.#now()).over);
    this.#active = [];
    this.#write();
  }

  #shown(): Alarm[] {
    return this.#active.map(({ alarm }) => alarm);
  }

  #end(keeps: (alarm: Alarm) => boolean): void {
    const before = this.#active;
    this.#apply(endWhere(before, keeps, this.#now()), before);
  }

  #apply(
    { active, over }: { active: readonly ActiveAlarm[]; over: readonly Alarm[] },
    before: readonly ActiveAlarm[],
  ): void {
    this.#active = active;
    this.#over.push(...over);
    if (over.length > 0) this.#writing ??= setTimeout(() => this.#write(), WRITE_EVERY).unref();
    const isSame =
      active.length === before.length && active.every((one, i) => one.alarm === before[i]?.alarm);
    if (!isSame) this.#tell();
    this.#wait();
  }

  /** At once, or a little later when a moment ago something was told already. */
  #tell(): void {
    if (this.#telling) return;
    const pause = this.#toldAt + TELL_EVERY - performance.now();
    const tell = () => {
      this.#telling = undefined;
      this.#toldAt = performance.now();
      this.#options.cameras.announce(this.event());
    };
    if (pause <= 0) tell();
    else this.#telling = setTimeout(tell, pause).unref();
  }

  #wait(): void {
    clearTimeout(this.#expiring);
    const at = nextExpiry(this.#active);
    if (at === undefined) return;
    const pause = Math.min(Math.max((at - this.#now().steady) * 1000, 0), LONGEST_TIMER);
    this.#expiring = setTimeout(() => {
      const before = this.#active;
      this.#apply(expire(before, this.#now()), before);
    }, pause).unref();
  }

  #write(): void {
    this.#writing = undefined;
    try {
      this.#options.store.alarms.append(this.#over);
      this.#over = [];
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.log.error({ err: error }, 'alarms that are over cannot be kept');
      this.#failing = true;
      this.#over.splice(0, Math.max(0, this.#over.length - LISTED_ALARMS));
    }
  }
}
