import { signal } from '@preact/signals';
import type { Alarm, AlarmRules } from '../../daemon/schema.ts';
import { acknowledgeAlarm } from '../api/client.ts';
import { type Focus, type FocusFacts, marksOf, nextFocus } from './focus.ts';
import { Tone } from './tone.ts';

const NO_RULES: AlarmRules = { enabled: false, rules: [], minimum_focus_seconds: 0, quiet_seconds: 0 };

/** The alarms as the page handles them: what is marked, what is on the screen for one, what sounds. */
export class AlarmDesk {
  /** By camera. */
  readonly marks = signal<ReadonlyMap<string, Alarm>>(new Map());
  readonly focus = signal<Focus | undefined>(undefined);
  readonly tone = new Tone();
  #alarms: Alarm[] = [];
  #rules = NO_RULES;
  #heard = new Set<string>();
  #dismissed = new Set<string>();

  /** The daemon's word: all that are active. `sound`: the box may be heard. */
  hear(alarms: readonly Alarm[], rules: AlarmRules, sound: boolean, now: number): void {
    this.#alarms = [...alarms];
    this.#rules = rules;
    const active = new Set(alarms.map(({ id }) => id));
    const fresh = alarms.filter(({ id, acknowledged }) => !this.#heard.has(id) && !acknowledged);
    this.#heard = active;
    for (const id of this.#dismissed) if (!active.has(id)) this.#dismissed.delete(id);
    this.marks.value = marksOf(this.#alarms);
    if (sound && fresh.some((alarm) => alarm.sound)) this.tone.play(now);
  }

  look(facts: Pick<FocusFacts, 'now' | 'touchedAt' | 'manual' | 'knows'>): void {
    const { focus } = this;
    const next = nextFocus(focus.peek(), {
      ...facts,
      alarms: this.#alarms,
      rules: this.#rules,
      dismissed: this.#dismissed,
    });
    if (JSON.stringify(next) !== JSON.stringify(focus.peek())) focus.value = next;
  }

  /** Sends the camera of an alarm away; the alarm itself lasts. False: there is none. */
  dismiss(): boolean {
    const focus = this.focus.peek();
    if (!focus) return false;
    for (const { id, camera } of this.#alarms) if (camera === focus.camera) this.#dismissed.add(id);
    this.focus.value = undefined;
    return true;
  }

  /** Somebody has seen it: off all screens. Without a camera: the most important one. False: there is none. */
  acknowledge(camera?: string): boolean {
    const marks = this.marks.peek();
    const alarm = camera === undefined ? [...marks.values()][0] : marks.get(camera);
    if (!alarm) return false;
    void acknowledgeAlarm(alarm.id);
    // Without waiting for the daemon, which tells all pages.
    this.#alarms = this.#alarms.map((one) => (one.id === alarm.id ? { ...one, acknowledged: true } : one));
    this.marks.value = marksOf(this.#alarms);
    return true;
  }
}
