import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { Library } from '../record/library.ts';
import type { Segment, SegmentQuery } from '../record/segmentIndex.ts';
import {
  type CameraRecording,
  type RecordingReason,
  RecordingSettings,
  type RecordingStatus,
} from '../schema.ts';
import type { Store } from '../store/store.ts';
import type { AlarmEvent } from './alarmRules.ts';
import { CameraError } from './cameraError.ts';
import type { CameraSet } from './cameraSet.ts';
import type { CameraTape } from './cameraTape.ts';
import { EventTrail } from './eventTrail.ts';
import { openTape, type TapeWish } from './openTape.ts';
import { isDiskGone, RecordingFolder, type RecordingFolders, rulesOf } from './recordingFolder.ts';
import { boxClock, nextLook, type Plan, planOf, recordedStream } from './recordingPlan.ts';
import { RecordingProblem } from './recordingProblem.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds between two looks at what is too old, and after which a disk that said no is tried again. */
const ROUND = 10_000;
/** Bytes that are freed on a disk that is full all the same: others write there too. */
const ON_FULL = 64 * 1024 * 1024;
/** Bytes of memory for what was before an event: of one camera, and of all together. */
const MOST_MEMORY = 64 * 1024 * 1024;
const MOST_MEMORY_OF_ALL = 256 * 1024 * 1024;
const NOTHING: RecordingSettings = { cameras: {} };
const OFF: CameraRecording = { mode: 'off' };
const KEY = 'recording';
const compiled = Compile(RecordingSettings);

/** What is asked of a stream's supervisor. */
type Recorded = Pick<StreamSupervisor, 'source' | 'watch' | 'watchSound'>;

export interface RecordingsOptions {
  store: Pick<Store, 'settings'>;
  cameras: Pick<CameraSet, 'camera' | 'subscribe' | 'announce'> & {
    readonly supervisors: readonly Recorded[];
  };
  folder: RecordingFolders;
  tools?: TapeWish['tools'];
  handovers?: TapeWish['handovers'];
  log: Logger;
  /** Milliseconds between two rounds, for tests. */
  round?: number;
}

interface Running {
  tape: CameraTape;
  library: Library;
  supervisor: Recorded;
  /** Why it is recorded, or was until a moment ago. */
  reason: RecordingReason | null;
}

/**
 * Which cameras are recorded now: by the settings, by what happens and by hand. What is written is the stream as the camera coded it.
 */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #folder: RecordingFolder;
  #library: Library | undefined;
  #running = new Map<string, Running>();
  /** Of cameras that are not taken any more, files that are being closed. */
  #ending = new Set<Promise<void>>();
  #events = new EventTrail();
  /** Cameras that were being recorded when it was told last. */
  #told = '';
  #timer: NodeJS.Timeout | undefined;
  /** Cameras whose recording was started by hand. */
  #started = new Set<string>();
  readonly #problem: RecordingProblem;
  #stopped = false;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.#folder = new RecordingFolder(options.store.settings, options.folder);
    this.#problem = new RecordingProblem(options.log);
  }

  get settings(): RecordingSettings {
    const kept = this.#options.store.settings.get<unknown>(KEY);
    return kept !== undefined && compiled.Check(kept) ? kept : NOTHING;
  }

  /** Takes effect at once. @throws CameraError `unknown_camera`, `no_hours`, `folder_unusable` */
  async putSettings(settings: RecordingSettings): Promise<void> {
    for (const [camera, { mode, schedule }] of Object.entries(settings.cameras)) {
      if (!this.#options.cameras.camera(camera))
        throw new CameraError(400, 'unknown_camera', `There is no camera ${camera}.`);
      if (mode === 'schedule' && (schedule ?? []).length === 0)
        throw new CameraError(400, 'no_hours', `Camera ${camera} is recorded by its hours: give it some.`);
    }
    const before = this.settings;
    if (this.#folder.of(settings) !== this.#library?.folder) await this.#move(before, settings);
    this.#options.store.settings.put(KEY, settings);
    if (this.#library) {
      this.#library.rules = rulesOf(settings);
      this.#problem.clear();
    }
    for (const camera of this.#started)
      if ((settings.cameras[camera] ?? OFF).mode === 'off') this.#started.delete(camera);
    this.#sync();
    await this.#closed();
    await this.#tidy();
    // Whose events are wanted may be others now.
    this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
  }

  /**
   * To another folder, or to the same one that could not be opened until now. Where the disk is missing, saying the very same again
   * means the folder as it is; whoever changes something else is not asked.
   */
  async #move(before: RecordingSettings, settings: RecordingSettings): Promise<void> {
    const same = this.#folder.of(before) === this.#folder.of(settings);
    try {
      const library = await this.#folder.open(settings, !same || isDeepStrictEqual(before, settings));
      const left = this.#library;
      this.#take(library);
      this.#stopAll();
      await this.#closed();
      left?.end();
    } catch (error) {
      if (!(error instanceof CameraError) || error.code !== 'folder_unmounted') throw error;
      this.#failed(error);
    }
  }

  /** Whether the camera is being recorded. */
  is(camera: string): boolean {
    return this.#running.get(camera)?.tape.recording ?? false;
  }

  /** Events of this camera begin recordings. */
  wantsEvents(camera: string): boolean {
    return this.settings.cameras[camera]?.mode === 'event';
  }

  /** Something happened at a camera, or is over. */
  tell(event: AlarmEvent): void {
    this.#events.tell(event, performance.now() / 1000);
    if (this.wantsEvents(event.camera)) this.#sync();
  }

  /** By hand, on top of the mode. @throws CameraError `recording_off` */
  async start(camera: string): Promise<void> {
    if ((this.settings.cameras[camera] ?? OFF).mode === 'off')
      throw new CameraError(
        409,
        'recording_off',
        `Camera ${camera} is not to be recorded: set its mode first.`,
      );
    this.#started.add(camera);
    this.#sync();
  }

  /** Ends what was started by hand. */
  async stop(camera: string): Promise<void> {
    this.#started.delete(camera);
    this.#sync();
    await this.#closed();
  }

  find(query: SegmentQuery): Segment[] {
    return this.#open().index.find(query);
  }

  get(id: number): Segment | undefined {
    return this.#open().index.get(id);
  }

  /** Of the segment's file. */
  pathOf({ path }: Segment): string {
    return join(this.#open().folder, path);
  }

  async protect(segment: Segment, yes: boolean): Promise<void> {
    await this.#open().protect(segment, yes);
  }

  async remove(segment: Segment): Promise<void> {
    await this.#open().remove(segment);
  }

  async status(): Promise<RecordingStatus> {
    const { settings } = this;
    const library = this.#library;
    return {
      folder: this.#folder.of(settings),
      bytes: library?.index.bytes ?? 0,
      disk: (await library?.disk().catch(() => undefined)) ?? null,
      problem: this.#problem.now,
      cameras: Object.entries(settings.cameras).map(([camera, { mode }]) => {
        const running = this.#running.get(camera);
        const recorder = running?.tape.recorder;
        const recording = this.is(camera);
        return {
          camera,
          mode,
          stream: recorder?.stream ?? this.#supervisorOf(camera, settings)?.source.name ?? null,
          recording,
          reason: recording ? (running?.reason ?? null) : null,
          until: recorder?.until === undefined ? null : recorder.until / 1000,
          dropped: recorder?.dropped ?? 0,
        };
      }),
    };
  }

  /** What there is on the disk. @throws CameraError it is not there */
  get library(): Library {
    return this.#open();
  }

  #open(): Library {
    if (this.#library) return this.#library;
    const { code = 'folder_unusable', message = 'The folder of recordings is not open.' } =
      this.#problem.now ?? {};
    throw new CameraError(503, code, message);
  }

  /** Records until aborted; then every file is closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { cameras } = this.#options;
    const unsubscribe = cameras.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras') this.#sync();
    });
    while (!signal.aborted) {
      await this.#tryOpen();
      this.#sync();
      await this.#tidy();
      await sleep(this.#options.round ?? ROUND, undefined, { signal }).catch(() => {});
    }
    unsubscribe();
    clearTimeout(this.#timer);
    this.#stopped = true;
    this.#stopAll();
    await this.#closed();
    this.#library?.end();
  }

  /** A disk that is not there yet is tried again: a network share may come minutes after us. */
  async #tryOpen(): Promise<void> {
    if (this.#library) return;
    try {
      const library = await this.#folder.open(this.settings, false);
      // Somebody has chosen a folder meanwhile.
      if (this.#library || this.#folder.of(this.settings) !== library.folder) library.end();
      else this.#take(library);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  #take(library: Library): void {
    this.#library = library;
    this.#problem.clear();
    void library.reconciled.then(({ problems, ...changes }) => {
      if (Object.values(changes).some((count) => count > 0))
        this.#options.log.warn(changes, 'recordings were found, or mended, or are gone');
      if (problems.length > 0) this.#options.log.error({ problems }, 'recordings that cannot be read');
    });
  }

  /** The disk is gone: all that was open on it is given up, and tried again at the next round. */
  #abandon(library: Library): void {
    if (this.#library !== library) return;
    this.#library = undefined;
    this.#stopAll();
    const end = () => {
      try {
        library.end();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the index of recordings could not be closed');
      }
    };
    void this.#closed().then(end);
    this.#tell();
  }

  /** Begins and ends what has to be by now. */
  #sync(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { settings } = this;
    const library = this.#library;
    this.#events.keep(new Set(Object.keys(settings.cameras)));
    const plans = this.#plans(settings);
    for (const [camera, { tape, supervisor, ...running }] of [...this.#running]) {
      const plan = plans.get(camera);
      const asBefore =
        running.library === library &&
        supervisor === this.#supervisorOf(camera, settings) &&
        tape.audio === (settings.cameras[camera]?.audio ?? true);
      if (!plan || !asBefore) this.#end(camera);
    }
    for (const [camera, plan] of plans) {
      const supervisor = library && this.#supervisorOf(camera, settings);
      if (!library || !supervisor) continue;
      const running = this.#running.get(camera) ?? this.#begin(library, camera, supervisor, settings);
      if (plan.reason) running.reason = plan.reason;
      running.tape.set(plan.reason !== null, plan.preSeconds);
    }
    this.#tell();
  }

  /** Of those that are recorded, or kept in memory. Arranges for the next look. */
  #plans({ cameras }: RecordingSettings): Map<string, Plan> {
    const [unix, steady] = [Date.now() / 1000, performance.now() / 1000];
    const clock = boxClock(unix, this.#options.store.settings.settings().time_zone);
    const ends: number[] = [];
    const plans = Object.entries(cameras).map(([camera, recording]) => {
      const eventUntil =
        recording.mode === 'event' ? this.#events.until(camera, recording.event ?? {}) : undefined;
      if (eventUntil !== undefined) ends.push(eventUntil);
      const byHand = this.#started.has(camera);
      return [camera, planOf(recording, { clock, byHand, eventUntil, steady })] as const;
    });
    const next = nextLook(Object.values(cameras), ends, unix, steady);
    // A millisecond more: timers may come a little early.
    if (next !== undefined) this.#timer = setTimeout(() => this.#sync(), next * 1000 + 1).unref();
    return new Map(plans.filter(([, { reason, preSeconds }]) => reason !== null || preSeconds !== undefined));
  }

  /** Everybody, where others are recorded than before: the wall has a mark for it. */
  #tell(): void {
    const now = [...this.#running.keys()].filter((camera) => this.is(camera)).join();
    if (now === this.#told) return;
    this.#told = now;
    this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
  }

  #begin(library: Library, camera: string, supervisor: Recorded, settings: RecordingSettings): Running {
    const tape = openTape({
      ...{ supervisor, library, log: this.#options.log },
      ...{ tools: this.#options.tools, handovers: this.#options.handovers },
      audio: settings.cameras[camera]?.audio ?? true,
      mostBytes: () => Math.min(MOST_MEMORY, MOST_MEMORY_OF_ALL / this.#running.size),
      ended: () => this.#tell(),
      failed: (error) => {
        if (library !== this.#library) return;
        this.#failed(error);
        if (error.code === 'ENOSPC') void this.#tidy(ON_FULL);
      },
    });
    const running = { tape, library, supervisor, reason: null };
    this.#running.set(camera, running);
    this.#options.log.info({ camera, stream: tape.recorder.stream }, 'recording, or ready to');
    return running;
  }

  #end(camera: string): void {
    const running = this.#running.get(camera);
    if (!running) return;
    this.#running.delete(camera);
    const done = running.tape.close().then(() => {
      this.#ending.delete(done);
      this.#options.log.info({ camera }, 'recording ended');
    });
    this.#ending.add(done);
  }

  #stopAll(): void {
    for (const camera of [...this.#running.keys()]) this.#end(camera);
  }

  /** All files that are being closed are. */
  async #closed(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #supervisorOf(camera: string, { cameras }: RecordingSettings): Recorded | undefined {
    const streams = this.#options.cameras.camera(camera)?.streams ?? [];
    const name = recordedStream(streams, cameras[camera] ?? OFF);
    return this.#options.cameras.supervisors.find(({ source }) => source.name === name);
  }

  async #tidy(bytes = 0): Promise<void> {
    const library = this.#library;
    await library?.tidy(bytes).then(
      () => {
        // Written again since.
        this.#problem.clearAfter(ROUND / 500);
      },
      (error) => library === this.#library && this.#failed(error),
    );
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#problem.tell(error);
    if (this.#library && isDiskGone(error)) this.#abandon(this.#library);
  }
}
