/** Listens to the events of every camera that has an ONVIF address, as long as some rule could make an alarm of them, or they begin recordings. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ServerEvent } from '../schema.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import type { Alarms } from './alarms.ts';
import { OnvifError } from './onvifError.ts';
import type { Notification } from './onvifEventReply.ts';
import { NoEventService, pullEvents } from './onvifPullPoint.ts';
import { eventOf } from './onvifTopics.ts';
import { type RecordingJobs, recordingJob } from './recordingJobs.ts';

/** Milliseconds. Pictures first: cameras are slow for a while after somebody subscribed (discover/README, case 33). */
const BEGIN_AFTER = 5_000;
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 300_000;
/** A wrong password, and a camera without events, will hardly be otherwise in a moment; wrong logins lock accounts. */
const HOPELESS_PAUSE = 3_600_000;
/** A subscription that lasted so long starts the pauses anew. */
const PROVEN = 60_000;
/** Several cameras change at once when they are added. */
const SETTLE = 500;

export interface OnvifEventsOptions {
  store: { cameras(): CameraRow[]; streams(): StreamRow[] };
  alarms: Pick<Alarms, 'rules' | 'onRules' | 'raise'>;
  cameras: {
    subscribe(listener: (event: ServerEvent) => void): () => void;
    announce(event: ServerEvent): void;
  };
  recordings: RecordingJobs;
  /** Cameras to listen to whatever the rules are; asked again when cameras have changed. */
  alsoWanted?: (camera: string) => boolean;
  log: Logger;
  /** Milliseconds, for tests. */
  beginAfter?: number;
  firstPause?: number;
}

/** What one subscription serves: the cameras behind one address, of an NVR several. */
interface Feed {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  /** Camera → its profiles; empty: they are not known. */
  cameras: ReadonlyMap<string, ReadonlySet<string>>;
}

type Wanted = Map<string, { row: CameraRow; cameras: Map<string, Set<string>> }>;

export class OnvifEvents {
  readonly #options: OnvifEventsOptions;
  #feeds = new Map<string, Feed>();

  constructor(options: OnvifEventsOptions) {
    this.#options = options;
  }

  /** Subscriptions that are kept up or tried. */
  get size(): number {
    return this.#feeds.size;
  }

  /** Until aborted; then every camera has been told goodbye, or had a second and a half for it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let settling: NodeJS.Timeout | undefined;
    const soon = () => {
      settling ??= setTimeout(() => {
        settling = undefined;
        this.#arrange();
      }, SETTLE);
    };
    const unsubscribe = [
      this.#options.cameras.subscribe((event) => {
        if (event.type === 'changed' && event.what === 'cameras') soon();
      }),
      this.#options.alarms.onRules(soon),
    ];
    this.#arrange();
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    clearTimeout(settling);
    for (const end of unsubscribe) end();
    await Promise.all([...this.#feeds.keys()].map((key) => this.#end(key)));
  }

  /** Begins what is missing, ends what is not wanted any more. A camera with new credentials is another one. */
  #arrange(): void {
    let wanted: Wanted;
    try {
      wanted = this.#wanted();
    } catch (error) {
      this.#options.log.error({ err: error }, 'the cameras could not be read: their events stay as they are');
      return;
    }
    for (const key of this.#feeds.keys()) if (!wanted.has(key)) void this.#end(key);
    for (const [key, { row, cameras }] of wanted) {
      const known = this.#feeds.get(key);
      if (known) known.cameras = cameras;
      else this.#begin(key, row, cameras);
    }
  }

  #wanted(): Wanted {
    const { store, alarms, alsoWanted } = this.#options;
    const { enabled, rules } = alarms.rules;
    const mayAlarm = (id: string) => enabled && rules.some(({ camera }) => (camera ?? id) === id);
    const wanted: Wanted = new Map();
    const streams = Map.groupBy(store.streams(), ({ camera_id }) => camera_id);
    for (const row of store.cameras()) {
      if (row.address === null || !(mayAlarm(row.id) || alsoWanted?.(row.id))) continue;
      const key = JSON.stringify([row.address, row.username, row.password]);
      const feed = wanted.get(key) ?? { row, cameras: new Map<string, Set<string>>() };
      const tokens = (streams.get(row.id) ?? []).flatMap(({ profile_token }) => profile_token ?? []);
      feed.cameras.set(row.id, new Set(tokens));
      wanted.set(key, feed);
    }
    return wanted;
  }

  #begin(key: string, row: CameraRow, cameras: ReadonlyMap<string, ReadonlySet<string>>): void {
    const controller = new AbortController();
    const feed: Feed = { controller, cameras, done: Promise.resolve() };
    this.#feeds.set(key, { ...feed, done: this.#listen(key, row, controller.signal) });
  }

  async #end(key: string): Promise<void> {
    const feed = this.#feeds.get(key);
    if (!feed) return;
    this.#feeds.delete(key);
    feed.controller.abort();
    await feed.done;
  }

  async #listen(key: string, row: CameraRow, signal: AbortSignal): Promise<void> {
    const { beginAfter = BEGIN_AFTER } = this.#options;
    const log = this.#options.log.child({ camera: row.id });
    let failures = 0;
    let said = '';
    await rest(beginAfter * (1 + Math.random()), signal);
    while (!signal.aborted) {
      const begun = performance.now();
      try {
        let sources: ReadonlyMap<string, ReadonlySet<string>> = new Map();
        await pullEvents({
          address: row.address ?? '',
          username: row.username || undefined,
          password: row.password ?? undefined,
          signal,
          subscribed: (found) => {
            sources = found;
            said = '';
            log.info('listening to the camera’s events');
          },
          told: (notifications) =>
            this.#tell(this.#feeds.get(key)?.cameras ?? new Map(), sources, notifications),
        });
      } catch (error) {
        this.#forget(row.id);
        if (signal.aborted) return;
        failures = performance.now() - begun > PROVEN ? 1 : failures + 1;
        const pause = this.#pauseAfter(error, failures);
        const message = error instanceof Error ? error.message : String(error);
        // Each failure is told once; the same one again and again would fill the journal.
        const level = error instanceof NoEventService || message === said ? 'debug' : 'warn';
        const unexpected = error instanceof OnvifError || error instanceof NoEventService ? undefined : error;
        log[level]({ pause: Math.round(pause), err: unexpected }, `no events: ${message}`);
        said = message;
        await rest(pause, signal);
      }
    }
    this.#forget(row.id);
  }

  /** Nobody hears any more what the camera does. */
  #forget(camera: string): void {
    if (this.#options.recordings.forget(camera))
      this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
  }

  #pauseAfter(error: unknown, failures: number): number {
    const hopeless =
      error instanceof NoEventService || (error instanceof OnvifError && error.code === 'refused');
    const { firstPause = FIRST_PAUSE } = this.#options;
    const pause = hopeless
      ? HOPELESS_PAUSE
      : Math.min(firstPause * 2 ** Math.min(failures - 1, 16), LONGEST_PAUSE);
    return pause * (0.8 + 0.4 * Math.random());
  }

  #tell(
    cameras: ReadonlyMap<string, ReadonlySet<string>>,
    sources: ReadonlyMap<string, ReadonlySet<string>>,
    notifications: readonly Notification[],
  ): void {
    // Whose job it is, of several cameras behind one address, is not told.
    const [only, ...others] = cameras.keys();
    for (const notification of notifications) {
      const job = recordingJob(notification);
      if (job && only !== undefined && others.length === 0 && this.#options.recordings.tell(only, job))
        this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
      const event = eventOf(notification);
      if (!event) continue;
      const { sources: tokens, ...rest } = event;
      for (const camera of concerned(cameras, sources, tokens))
        this.#options.alarms.raise({ ...rest, camera, source: 'onvif' });
    }
  }
}

/**
 * Cameras that an event is about: those with a profile of its video source. Where the camera does not tell enough, all of
 * them. Pure. @param tokens of the event's source
 */
export function concerned(
  cameras: ReadonlyMap<string, ReadonlySet<string>>,
  sources: ReadonlyMap<string, ReadonlySet<string>>,
  tokens: readonly string[],
): string[] {
  const profiles = tokens.map((token) => sources.get(token)).filter((found) => found !== undefined);
  return [...cameras]
    .filter(([, own]) => {
      if (own.size === 0 || profiles.length === 0) return true;
      return profiles.some((found) => !found.isDisjointFrom(own));
    })
    .map(([camera]) => camera);
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
