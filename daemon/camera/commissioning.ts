/**
 * Looks at a camera as a wall needs it, says what is wrong with its set-up, and mends over ONVIF what can be mended there. One
 * camera at a time, one stream at a time: never more than one session beside those that viewers have, unless a person
 * asks how many it grants.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type {
  Advice,
  FindingCode,
  FixResult,
  OnvifDescription,
  ServerEvent,
  SessionCount,
} from '../schema.ts';
import type { CameraRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { findingsOf, smallest } from './advice.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';
import { fixCamera } from './fix.ts';
import { describeOnvif, OnvifError } from './onvif.ts';
import { countSessions, hasSessions } from './sessionCount.ts';
import { type Measured, measureStream } from './streamMeasurement.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

const ONVIF_TIMEOUT = 10_000;
/** Milliseconds between a camera's joining and its measurement: its picture comes first. */
const AFTER_ADDING = 10_000;
/** Milliseconds that cameras take to start an encoder with new settings. */
const AFTER_FIXING = 3_000;

export interface CommissioningOptions {
  store: Pick<Store, 'cameras' | 'camera' | 'streams' | 'settings'>;
  cameras: {
    readonly supervisors: readonly StreamSupervisor[];
    subscribe(listener: (event: ServerEvent) => void): () => void;
  };
  log: Logger;
  /** Measure each camera by itself after it was added over ONVIF. */
  automatic: boolean;
  /** For tests: milliseconds before that. */
  after?: number;
}

type Kept = Omit<Advice, 'camera'>;

const NEVER: Kept = {
  state: 'never',
  time: null,
  findings: [],
  streams: [],
  clock_skew: null,
  sessions: null,
  message: null,
};

export class Commissioning {
  readonly #options: CommissioningOptions;
  #results = new Map<string, Kept>();
  /** Cameras that wait for their turn, those that a person waits for first. */
  #queue: string[] = [];
  #current: string | undefined;
  #work: Promise<void> = Promise.resolve();
  /** Cameras that are known: what comes later was added. */
  #known: Set<string>;
  #fixing = new Set<string>();
  /** Cameras that were set up just now: their pictures follow a while later. */
  #fresh = new Set<string>();
  /** Cameras whose sessions are to be counted. */
  #counting = new Set<string>();
  #end = new AbortController();

  constructor(options: CommissioningOptions) {
    this.#options = options;
    this.#known = new Set(options.store.cameras().map(({ id }) => id));
  }

  /** Measures what is added, until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { cameras } = this.#options;
    const unsubscribe = cameras.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras') this.#camerasChanged();
    });
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    unsubscribe();
    this.#queue = [];
    this.#end.abort();
    await this.#work;
  }

  /** @throws CameraError `camera_not_found` */
  advice(id: string): Advice {
    this.#camera(id);
    // What was kept by an earlier version has less in it.
    const kept = {
      ...NEVER,
      ...(this.#results.get(id) ?? this.#options.store.settings.get<Kept>(keyOf(id))),
    };
    const running = this.#current === id || this.#queue.includes(id);
    return { camera: id, ...kept, ...(running ? { state: 'running' as const, message: null } : {}) };
  }

  /**
   * Measures the camera next, unless that is under way.
   * @param sessions count them too: more than the box needs are opened for a moment
   * @throws CameraError `camera_not_found`, `no_sessions`
   */
  measure(id: string, { sessions = false } = {}): Advice {
    this.#camera(id);
    if (sessions) this.#count(id);
    if (this.#current !== id || sessions) this.#next(id);
    return this.advice(id);
  }

  /** Even if it is being measured at this moment: that saw the settings from before. */
  #measureAnew(id: string): Advice {
    this.#fresh.add(id);
    this.#next(id);
    return this.advice(id);
  }

  #count(id: string): void {
    const { supervisors } = this.#options.cameras;
    if (!supervisors.some((one) => one.source.camera === id && one.source.enabled && hasSessions(one)))
      throw new CameraError(
        409,
        'no_sessions',
        'Sessions are counted of cameras that speak RTSP and are on.',
      );
    this.#counting.add(id);
  }

  #next(id: string): void {
    this.#queue = [id, ...this.#queue.filter((waiting) => waiting !== id)];
    this.#begin();
  }

  /**
   * Sets over ONVIF what these findings of the last measurement are about, reads it back, and measures again.
   * @throws CameraError `camera_not_found`, `measure_first`, `fixing`, `onvif_…`
   */
  async fix(id: string, codes: readonly FindingCode[]): Promise<FixResult> {
    const camera = this.#camera(id);
    const { findings, state } = this.advice(id);
    const wanted = findings.filter(({ code }) => codes.includes(code));
    if (wanted.length === 0)
      throw new CameraError(
        409,
        'measure_first',
        state === 'running'
          ? 'The camera is being measured. Try again when that is done.'
          : 'The last measurement found nothing of that. Measure the camera again: POST …/advice.',
      );
    if (this.#fixing.has(id))
      throw new CameraError(
        409,
        'fixing',
        'The camera is being set up at this moment. Try again in a minute.',
      );
    this.#fixing.add(id);
    try {
      const rows = this.#options.store.streams().filter((row) => row.camera_id === id);
      const done = await fixCamera(camera, rows, wanted, codes);
      this.#options.log.info({ camera: id, changes: done.changes, failed: done.failed }, 'camera set up');
      // What it said before the change keeps nobody from trying now.
      const changed = new Set(done.changes.map(({ stream }) => stream));
      for (const supervisor of this.#options.cameras.supervisors)
        if (changed.has(supervisor.source.name)) supervisor.reconfigure(supervisor.source);
      return { ...done, advice: done.changes.length > 0 ? this.#measureAnew(id) : this.advice(id) };
    } finally {
      this.#fixing.delete(id);
    }
  }

  #camera(id: string): CameraRow {
    const camera = this.#options.store.camera(id);
    if (!camera) throw cameraNotFound(id);
    return camera;
  }

  #camerasChanged(): void {
    const { store, automatic, after = AFTER_ADDING } = this.#options;
    const cameras = store.cameras();
    const there = new Set(cameras.map(({ id }) => id));
    for (const id of this.#known) if (!there.has(id)) this.#forget(id);
    const added = cameras.filter(({ id, address }) => !this.#known.has(id) && address !== null);
    this.#known = there;
    if (!automatic || added.length === 0) return;
    void sleep(after, undefined, { signal: this.#end.signal }).then(
      () => {
        const waiting = added.map(({ id }) => id).filter((id) => this.#known.has(id) && this.#unseen(id));
        this.#queue.push(...waiting);
        this.#begin();
      },
      () => {},
    );
  }

  #unseen(id: string): boolean {
    return this.advice(id).state === 'never';
  }

  #forget(id: string): void {
    this.#results.delete(id);
    this.#fresh.delete(id);
    this.#counting.delete(id);
    this.#queue = this.#queue.filter((waiting) => waiting !== id);
    this.#keep(id, undefined);
  }

  #begin(): void {
    if (this.#current !== undefined || this.#end.signal.aborted) return;
    const id = this.#queue.shift();
    if (id === undefined) return;
    this.#current = id;
    this.#work = this.#measure(id).then(() => {
      this.#current = undefined;
      this.#begin();
    });
  }

  /** Never rejects. */
  async #measure(id: string): Promise<void> {
    const { store, log } = this.#options;
    try {
      const camera = store.camera(id);
      if (!camera) return;
      if (this.#fresh.delete(id))
        await sleep(AFTER_FIXING, undefined, { signal: this.#end.signal }).catch(() => {});
      const [description, problem] = await this.#describe(camera);
      const measured: Measured[] = [];
      for (const row of store.streams().filter((one) => one.camera_id === id)) {
        const supervisor = this.#options.cameras.supervisors.find(({ source }) => source.name === row.name);
        if (supervisor?.source.enabled && !this.#end.signal.aborted)
          measured.push(await measureStream(supervisor, row, this.#end.signal));
      }
      const counts = this.#counting.delete(id);
      const counted = counts ? await this.#countSessions(id, measured) : undefined;
      // A measurement that was cut short says nothing.
      if (this.#end.signal.aborted || !store.camera(id)) return;
      const sessions = counted ?? this.advice(id).sessions;
      const result = resultOf({ measured, description, problem, sessions });
      this.#results.set(id, result);
      this.#keep(id, result);
      log.info({ camera: id, findings: result.findings.map(({ code }) => code) }, 'camera measured');
    } catch (error) {
      log.error({ camera: id, err: error }, 'the camera could not be measured');
      const message = 'Something failed inside the daemon; its log says what.';
      this.#results.set(id, { ...NEVER, state: 'failed', time: Date.now() / 1000, message });
    }
  }

  async #countSessions(id: string, measured: readonly Measured[]): Promise<SessionCount | undefined> {
    const all = this.#options.cameras.supervisors.filter(({ source }) => source.camera === id);
    const shown = measured.map(({ facts }) => facts).filter(({ outcome }) => outcome === 'measured');
    const cheap = smallest(shown) ?? shown[0];
    const stream = all.find((one) => one.source.name === cheap?.name && hasSessions(one));
    const counted = stream && (await countSessions(stream, all, this.#end.signal));
    return counted && { ...counted, time: Date.now() / 1000 };
  }

  async #describe(camera: CameraRow): Promise<[OnvifDescription | undefined, string | undefined]> {
    const { address, username, password } = camera;
    if (address === null) return [undefined, undefined];
    try {
      const login = username === null ? {} : { username, password: password ?? '' };
      const { signal } = this.#end;
      return [await describeOnvif({ address, ...login, timeout: ONVIF_TIMEOUT, signal }), undefined];
    } catch (error) {
      if (this.#end.signal.aborted) return [undefined, undefined];
      if (!(error instanceof OnvifError)) throw error;
      return [undefined, `ONVIF: ${error.message}.`];
    }
  }

  #keep(id: string, result: Kept | undefined): void {
    try {
      this.#options.store.settings.put(keyOf(id), result);
    } catch (error) {
      this.#options.log.error({ camera: id, err: error }, 'the advice could not be kept');
    }
  }
}

function keyOf(id: string): string {
  return `advice:${id}`;
}

interface Seen {
  measured: readonly Measured[];
  description: OnvifDescription | undefined;
  problem: string | undefined;
  sessions: SessionCount | null;
}

function resultOf({ measured, description, problem, sessions }: Seen): Kept {
  const failures = measured.flatMap(({ facts, failure }) =>
    facts.outcome === 'closed' ? [`${facts.name}: ${failure}.`] : [],
  );
  const message = [problem, ...failures].filter((one) => one !== undefined).join(' ');
  const opened = measured.some(({ facts }) => facts.outcome !== 'closed');
  const findings = findingsOf({ streams: measured.map(({ facts }) => facts), description, sessions });
  return {
    state: opened ? 'done' : 'failed',
    time: Date.now() / 1000,
    findings: opened ? findings : [],
    streams: measured.filter(({ facts }) => facts.outcome === 'measured').map(view),
    clock_skew: description?.clock_skew ?? null,
    sessions,
    message: message || (opened ? null : 'The camera has no stream that is switched on.'),
  };
}

function view({ facts, bitrate, firstPicture }: Measured): Kept['streams'][number] {
  const { name, codec, width, height, fps, key_frame_interval } = facts;
  const [rate, interval, first] = [fps, key_frame_interval, firstPicture].map(
    (value) => value && Math.round(value * 100) / 100,
  );
  return {
    ...{ name, codec, width, height, fps: rate ?? null, key_frame_interval: interval ?? null },
    ...{ bitrate: bitrate && Math.round(bitrate), first_picture: first ?? null },
  };
}
