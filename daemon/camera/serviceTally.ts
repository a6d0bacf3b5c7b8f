/** Adds up how each camera does, from one look at its streams to the next. Pure: clocks and streams are given. */
import type { ServiceDay, StreamState } from '../schema.ts';
import { KEPT_ERRORS, type ServiceAddition, type ServiceError } from '../store/serviceRecords.ts';
import { redactText } from '../system/redact.ts';
import type { LastError } from './cameraState.ts';
import type { StreamSource } from './streamSource.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** What is asked of a stream's supervisor. */
export type Watched = Pick<StreamSupervisor, 'state' | 'connects'> & {
  readonly source: Pick<StreamSource, 'name' | 'camera'>;
  readonly lastError: LastError | undefined;
};

/** Seconds. Of a longer gap between two looks nobody knows how the cameras were: the machine was suspended, or its clock broke. */
const LONGEST_GAP = 60;
/** Characters. A camera may answer with a reason of any length. */
const LONGEST_MESSAGE = 500;

/** Nobody wants pictures, or there will be none: a recording that has ended is over, wanted or not. */
const RESTING: ReadonlySet<StreamState> = new Set(['idle', 'stopped', 'paused', 'ended']);

/** A stream as it was at the last look. */
interface Seen {
  readonly camera: string;
  readonly state: StreamState;
  readonly connects: number;
  readonly error: LastError | undefined;
  /** Kinds of failure since the last picture: a camera that is gone fails once a second, and is written down once. */
  readonly told: ReadonlySet<string>;
}

interface Pending {
  readonly days: Map<string, ServiceDay>;
  readonly errors: ServiceError[];
}

export class ServiceTally {
  #streams: ReadonlyMap<Watched, Seen> = new Map();
  /** Seconds of a steady clock. */
  #lookedAt: number | undefined;
  #pending = new Map<string, Pending>();

  /**
   * Takes the time since the last look as spent in the states of then: it is exact when every change of a state is followed
   * by a look at once. What was counted of a camera that has no streams any more is forgotten.
   *
   * @param streams of all cameras, the same objects each time
   * @param steady seconds of a clock that never jumps
   * @param day today, which the wall clock says, whatever it said before
   */
  look(streams: Iterable<Watched>, steady: number, day: string): void {
    const elapsed = steady - (this.#lookedAt ?? steady);
    this.#lookedAt = steady;
    // NaN too.
    if (elapsed > 0) this.#spend(Math.min(elapsed, LONGEST_GAP), day);
    const now = new Map<Watched, Seen>();
    for (const stream of streams) now.set(stream, this.#see(stream, day));
    this.#streams = now;
    const cameras = new Set([...now.values()].map(({ camera }) => camera));
    for (const camera of [...this.#pending.keys()]) if (!cameras.has(camera)) this.#pending.delete(camera);
  }

  /** One more of these. */
  count(camera: string, what: 'connects' | 'unchanged' | 'repairs', day: string, times = 1): void {
    if (times > 0) this.#day(camera, day)[what] += times;
  }

  /** What is not written yet. */
  pending(camera: string): ServiceAddition {
    const { days, errors } = this.#pending.get(camera) ?? { days: new Map<string, ServiceDay>(), errors: [] };
    return { camera, days: [...days.values()], errors };
  }

  /** All of it. */
  all(): ServiceAddition[] {
    return [...this.#pending.keys()].map((camera) => this.pending(camera));
  }

  /** It is written now. */
  clear(): void {
    this.#pending.clear();
  }

  #spend(seconds: number, day: string): void {
    for (const [camera, streams] of Map.groupBy(this.#streams.values(), (seen) => seen.camera)) {
      const wanted = streams.filter(({ state }) => !RESTING.has(state));
      if (wanted.length === 0) continue;
      const counters = this.#day(camera, day);
      counters.wanted_seconds += seconds;
      if (wanted.some(({ state }) => state === 'live')) counters.live_seconds += seconds;
      // The moment that opening takes is no failure of the camera.
      else if (wanted.some(({ state }) => state !== 'connecting')) counters.stalled_seconds += seconds;
    }
  }

  #see(stream: Watched, day: string): Seen {
    const { source, state, connects, lastError } = stream;
    const { name, camera } = source;
    const before = this.#streams.get(stream);
    this.count(camera, 'connects', day, connects - (before?.connects ?? 0));
    const told = new Set(state === 'live' ? [] : before?.told);
    if (lastError && lastError !== before?.error && !told.has(lastError.code)) {
      told.add(lastError.code);
      this.#fail(camera, { ...lastError, stream: name });
    }
    return { camera, state, connects, error: lastError, told };
  }

  #fail(camera: string, { time, stream, code, message }: ServiceError): void {
    const { errors } = this.#of(camera);
    errors.push({ time, stream, code, message: redactText(message).slice(0, LONGEST_MESSAGE) });
    if (errors.length > KEPT_ERRORS) errors.shift();
  }

  #of(camera: string): Pending {
    const known = this.#pending.get(camera);
    if (known) return known;
    const made: Pending = { days: new Map(), errors: [] };
    this.#pending.set(camera, made);
    return made;
  }

  #day(camera: string, day: string): ServiceDay {
    const { days } = this.#of(camera);
    const known = days.get(day);
    if (known) return known;
    const made: ServiceDay = {
      day,
      ...{ wanted_seconds: 0, live_seconds: 0, stalled_seconds: 0, connects: 0, unchanged: 0, repairs: 0 },
    };
    days.set(day, made);
    return made;
  }
}
