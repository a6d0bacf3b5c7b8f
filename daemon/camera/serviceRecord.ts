/** How each camera did over the last thirty days: looked at all the time, written down once a minute, told when asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ServerEvent, ServiceDay, ServiceRecord } from '../schema.ts';
import { KEPT_DAYS, KEPT_ERRORS, type ServiceStore } from '../store/serviceRecords.ts';
import type { SettingStore } from '../store/settings.ts';
import { boxDay, daysAfter } from './boxDay.ts';
import { ServiceTally, type Watched } from './serviceTally.ts';

/** Milliseconds between two looks. Changes of state are looked at as they happen; the same failure again changes none. */
const LOOK = 5_000;
/** Seconds between two writes: flash memory wears out, and a power cut may cost so much. */
const WRITE_EVERY = 60;

export interface ServiceRecordsOptions {
  cameras: {
    readonly supervisors: Iterable<Watched>;
    subscribe(listener: (event: ServerEvent) => void): () => void;
  };
  store: {
    readonly service: Pick<ServiceStore, 'add' | 'read'>;
    readonly settings: Pick<SettingStore, 'settings'>;
  };
  log: Logger;
  /** For tests: seconds since 1970, and of a clock that never jumps. */
  now?: () => { unix: number; steady: number };
  /** For tests: milliseconds between two looks. */
  look?: number;
}

const bothClocks = () => ({ unix: Date.now() / 1000, steady: performance.now() / 1000 });

export class ServiceRecords {
  readonly #options: ServiceRecordsOptions;
  readonly #now: () => { unix: number; steady: number };
  readonly #tally = new ServiceTally();
  #running = false;
  /** Seconds of the steady clock. */
  #writtenAt = 0;
  #failing = false;
  #timeZone = 'UTC';

  constructor(options: ServiceRecordsOptions) {
    this.#options = options;
    this.#now = options.now ?? bothClocks;
  }

  /** Watches until aborted; then all of it is on disk, unless that fails. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { cameras, look = LOOK } = this.#options;
    this.#running = true;
    this.#writtenAt = this.#now().steady;
    // At once, not a moment later: everything else stops by the same signal, and the states of the streams go with it.
    const onAbort = () => {
      this.#look();
      this.#running = false;
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const unsubscribe = cameras.subscribe(({ type }) => {
      if (type === 'streams' || type === 'changed') this.#look();
    });
    while (!signal.aborted) {
      this.#look();
      let due = this.#writtenAt + WRITE_EVERY - this.#now().steady;
      if (due <= 0) {
        this.#write();
        due = WRITE_EVERY;
      }
      await sleep(Math.min(look, due * 1000), undefined, { signal }).catch(() => {});
    }
    unsubscribe();
    this.#write();
  }

  /** Its picture stood still on a page, or was the very same for long. */
  note(camera: string, what: 'repair' | 'unchanged'): void {
    this.#tally.count(camera, what === 'repair' ? 'repairs' : 'unchanged', this.#today());
  }

  /** Up to this moment. Nothing but the name when nothing is known of the camera. @throws StoreError `io` */
  record(camera: string): ServiceRecord {
    this.#look();
    const stored = this.#options.store.service.read(camera);
    const { days: added, errors: fresh } = this.#tally.pending(camera);
    const today = this.#today();
    // Days that the clock named when it was wrong are not shown; tomorrow is one after the time zone was changed.
    const first = daysAfter(today, 1 - KEPT_DAYS);
    const last = daysAfter(today, 1);
    const days = sum([...stored.days, ...added])
      .filter(({ day }) => day >= first && day <= last)
      .sort((a, b) => (a.day < b.day ? 1 : -1))
      .slice(0, KEPT_DAYS);
    const errors = [...fresh.toReversed(), ...stored.errors].slice(0, KEPT_ERRORS);
    return { camera, days: days.map(rounded), uptime_percent: uptime(days), errors };
  }

  #today(): string {
    try {
      this.#timeZone = this.#options.store.settings.settings().time_zone;
    } catch (error) {
      this.#failed(error);
    }
    return boxDay(this.#now().unix, this.#timeZone);
  }

  #look(): void {
    if (!this.#running) return;
    this.#tally.look(this.#options.cameras.supervisors, this.#now().steady, this.#today());
  }

  #write(): void {
    this.#writtenAt = this.#now().steady;
    try {
      this.#options.store.service.add(this.#tally.all());
      this.#tally.clear();
      this.#failing = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Told once, not every minute; what could not be written is kept for the next time. */
  #failed(error: unknown): void {
    if (!this.#failing)
      this.#options.log.error({ err: error }, 'the service record of the cameras cannot be kept');
    this.#failing = true;
  }
}

/** One of each day. */
function sum(days: readonly ServiceDay[]): ServiceDay[] {
  return [...Map.groupBy(days, ({ day }) => day).values()].map((same) =>
    same.reduce((total, one) => ({
      day: total.day,
      wanted_seconds: total.wanted_seconds + one.wanted_seconds,
      live_seconds: total.live_seconds + one.live_seconds,
      stalled_seconds: total.stalled_seconds + one.stalled_seconds,
      connects: total.connects + one.connects,
      unchanged: total.unchanged + one.unchanged,
      repairs: total.repairs + one.repairs,
    })),
  );
}

/** Percent, two digits, never rounded up: 100 says that there was not a hundredth without. null: never wanted. */
function uptime(days: readonly ServiceDay[]): number | null {
  const wanted = days.reduce((total, day) => total + day.wanted_seconds, 0);
  const live = days.reduce((total, day) => total + day.live_seconds, 0);
  if (wanted <= 0) return null;
  // Sums of many fractions miss by a little.
  return Math.min(100, Math.floor((live / wanted) * 10_000 + 1e-6) / 100);
}

/** Tenths of a second. */
function rounded(day: ServiceDay): ServiceDay {
  const tenths = (seconds: number) => Math.round(seconds * 10) / 10;
  return {
    ...day,
    wanted_seconds: tenths(day.wanted_seconds),
    live_seconds: tenths(day.live_seconds),
    stalled_seconds: tenths(day.stalled_seconds),
  };
}
