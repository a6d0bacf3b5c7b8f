/** What happened at each camera of late, as far as recordings need it. Pure: clocks are given. */
import type { AlarmTopic, EventRecording } from '../schema.ts';
import { type AlarmEvent, LONGEST_EVENT, MOST_LASTING } from './alarmRules.ts';

export const PRE_SECONDS = 5;
export const POST_SECONDS = 20;

/** One topic of one camera. Times in seconds of a clock that never jumps. */
interface Trace {
  last: number;
  /** Events that last, and when each is given up: cameras lose the end at a reboot. */
  lasting: Map<string, number>;
}

/** Every event counts, whatever the rules of alarms make of it: those are about the screen. */
export class EventTrail {
  #traces = new Map<string, Map<AlarmTopic, Trace>>();

  tell({ camera, topic, phase, key }: AlarmEvent, now: number): void {
    const topics = this.#traces.get(camera) ?? new Map<AlarmTopic, Trace>();
    const trace = topics.get(topic);
    for (const [one, givenUpAt] of trace?.lasting ?? []) if (givenUpAt <= now) trace?.lasting.delete(one);
    if (phase === 'end') {
      if (trace?.lasting.delete(key)) trace.last = now;
      return;
    }
    const { lasting } = trace ?? { lasting: new Map<string, number>() };
    if (phase === 'begin' && (lasting.has(key) || lasting.size < MOST_LASTING))
      lasting.set(key, now + LONGEST_EVENT);
    topics.set(topic, { last: now, lasting });
    this.#traces.set(camera, topics);
  }

  /** Until when the camera is to be recorded; undefined: nothing of the kind has happened. May be over. */
  until(camera: string, { topics, post_seconds = POST_SECONDS }: EventRecording): number | undefined {
    const ends = [...(this.#traces.get(camera) ?? [])]
      .filter(([topic]) => topics === undefined || topics.includes(topic))
      .map(([, { last, lasting }]) => Math.max(last, ...lasting.values()));
    return ends.length === 0 ? undefined : Math.max(...ends) + post_seconds;
  }

  /** Forgets all other cameras. */
  keep(cameras: ReadonlySet<string>): void {
    for (const camera of [...this.#traces.keys()]) if (!cameras.has(camera)) this.#traces.delete(camera);
  }
}
