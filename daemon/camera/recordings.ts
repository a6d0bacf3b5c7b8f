import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import { Library } from '../record/library.ts';
import { Recorder } from '../record/recorder.ts';
import type { Segment, SegmentQuery } from '../record/segmentIndex.ts';
import { RecordingSettings, type RecordingStatus } from '../schema.ts';
import type { Store } from '../store/store.ts';
import { CameraError } from './cameraError.ts';
import type { CameraSet } from './cameraSet.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';
import { isMainStream } from './tileStream.ts';

/** Milliseconds between two looks at what is too old, and after which a disk that said no is tried again. */
const ROUND = 10_000;
const LEAST_FREE = 1_000_000_000;
/** Bytes that are freed on a disk that is full all the same: others write there too. */
const ON_FULL = 64 * 1024 * 1024;
const NOTHING: RecordingSettings = { cameras: {} };
const KEY = 'recording';
const compiled = Compile(RecordingSettings);

export interface RecordingsOptions {
  store: Pick<Store, 'settings'>;
  cameras: Pick<CameraSet, 'supervisors' | 'camera' | 'subscribe' | 'announce'>;
  /** Of recordings, where nobody has set another one. */
  folder: string;
  log: Logger;
}

interface Running {
  recorder: Recorder;
  supervisor: StreamSupervisor;
  leave: () => void;
}

/** Which cameras are recorded now: by the settings and by hand. What is written is the stream as the camera coded it. */
export class Recordings {
  readonly #options: RecordingsOptions;
  #library: Library | undefined;
  #running = new Map<string, Running>();
  /** Cameras whose recording was started by hand. */
  #started = new Set<string>();
  #problem: RecordingStatus['problem'] = null;
  #stopped = false;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  get settings(): RecordingSettings {
    const kept = this.#options.store.settings.get<unknown>(KEY);
    return kept !== undefined && compiled.Check(kept) ? kept : NOTHING;
  }

  /** Takes effect at once. @throws CameraError `unknown_camera`, `folder_unusable` */
  async putSettings(settings: RecordingSettings): Promise<void> {
    for (const camera of Object.keys(settings.cameras))
      if (!this.#options.cameras.camera(camera))
        throw new CameraError(400, 'unknown_camera', `There is no camera ${camera}.`);
    const folder = this.#folderOf(settings);
    if (folder !== this.#library?.folder) {
      const library = openLibrary(folder, settings);
      await this.#stopAll();
      this.#library?.end();
      this.#library = library;
    }
    this.#options.store.settings.put(KEY, settings);
    if (this.#library) this.#library.rules = rulesOf(settings);
    this.#problem = null;
    await this.#sync();
    await this.#tidy();
  }

  #folderOf({ folder }: RecordingSettings): string {
    return folder ?? this.#options.folder;
  }

  /** Whether the camera is being recorded. */
  is(camera: string): boolean {
    return this.#running.has(camera);
  }

  /** By hand, for cameras whose mode is `manual`. @throws CameraError */
  async start(camera: string): Promise<void> {
    if (this.settings.cameras[camera]?.mode !== 'manual')
      throw new CameraError(
        409,
        'not_manual',
        `Camera ${camera} is not recorded by hand: set its mode to manual first.`,
      );
    this.#started.add(camera);
    await this.#sync();
  }

  async stop(camera: string): Promise<void> {
    this.#started.delete(camera);
    await this.#sync();
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

  protect(id: number, yes: boolean): void {
    this.#open().index.protect(id, yes);
  }

  async remove(segment: Segment): Promise<void> {
    await this.#open().remove(segment);
  }

  async status(): Promise<RecordingStatus> {
    const { settings } = this;
    const library = this.#library;
    return {
      folder: this.#folderOf(settings),
      bytes: library?.index.bytes ?? 0,
      disk: (await library?.disk().catch(() => undefined)) ?? null,
      problem: this.#problem,
      cameras: Object.keys(settings.cameras).map((camera) => {
        const recorder = this.#running.get(camera)?.recorder;
        return {
          camera,
          stream: recorder?.stream ?? this.#supervisorOf(camera, settings)?.source.name ?? null,
          recording: recorder !== undefined,
          until: recorder?.until === undefined ? null : recorder.until / 1000,
          dropped: recorder?.dropped ?? 0,
        };
      }),
    };
  }

  #open(): Library {
    if (this.#library) return this.#library;
    const message = this.#problem?.message ?? 'The folder of recordings is not open.';
    throw new CameraError(503, this.#problem?.code ?? 'folder_unusable', message);
  }

  /** Records until aborted; then every file is closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { cameras } = this.#options;
    const unsubscribe = cameras.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras') void this.#sync();
    });
    while (!signal.aborted) {
      this.#tryOpen();
      await this.#sync();
      await this.#tidy();
      await sleep(ROUND, undefined, { signal }).catch(() => {});
    }
    unsubscribe();
    this.#stopped = true;
    await this.#stopAll();
    this.#library?.end();
  }

  /** A disk that is not there yet is tried again: a network share may come minutes after us. */
  #tryOpen(): void {
    if (this.#library) return;
    const { settings } = this;
    try {
      const library = openLibrary(this.#folderOf(settings), settings);
      const { rebuilt, mended } = library.found;
      if (rebuilt || mended > 0)
        this.#options.log.warn({ rebuilt, mended }, 'recordings were found and mended');
      this.#library = library;
      this.#problem = null;
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  async #sync(): Promise<void> {
    const { settings } = this;
    const library = this.#library;
    const wanted = new Map<string, StreamSupervisor>();
    for (const [camera, { mode }] of Object.entries(settings.cameras)) {
      if (mode === 'off' || (mode === 'manual' && !this.#started.has(camera))) continue;
      const supervisor = this.#supervisorOf(camera, settings);
      if (supervisor) wanted.set(camera, supervisor);
    }
    const before = [...this.#running.keys()].join();
    for (const [camera, { supervisor }] of [...this.#running])
      if (wanted.get(camera) !== supervisor) await this.#end(camera);
    if (library && !this.#stopped)
      for (const [camera, supervisor] of wanted)
        if (!this.#running.has(camera)) this.#begin(library, camera, supervisor);
    if ([...this.#running.keys()].join() !== before)
      this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
  }

  #begin(library: Library, camera: string, supervisor: StreamSupervisor): void {
    const recorder = new Recorder({
      camera,
      stream: supervisor.source.name,
      folder: library.folder,
      index: library.index,
      makeRoom: (bytes) => library.makeRoom(bytes),
      failed: (error) => {
        this.#failed(error);
        if (error.code === 'ENOSPC') void this.#tidy(ON_FULL);
      },
    });
    const leave = supervisor.watch((unit) => recorder.push(unit));
    this.#running.set(camera, { recorder, supervisor, leave });
    this.#options.log.info({ camera, stream: recorder.stream }, 'recording');
  }

  async #end(camera: string): Promise<void> {
    const running = this.#running.get(camera);
    if (!running) return;
    this.#running.delete(camera);
    running.leave();
    await running.recorder.stop();
    this.#options.log.info({ camera }, 'recording ended');
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((camera) => this.#end(camera)));
  }

  #supervisorOf(camera: string, { cameras }: RecordingSettings): StreamSupervisor | undefined {
    const streams = this.#options.cameras.camera(camera)?.streams ?? [];
    const main = streams.find((stream) => isMainStream(stream, streams)) ?? streams[0];
    const other = streams.find((stream) => stream !== main);
    const stream = cameras[camera]?.stream === 'sub' ? (other ?? main) : main;
    return this.#options.cameras.supervisors.find(({ source }) => source.name === stream?.name);
  }

  async #tidy(bytes = 0): Promise<void> {
    await this.#library?.tidy(bytes).then(
      () => {
        // Written again since: a recorder that fails says so each second.
        if (this.#problem && Date.now() / 1000 - this.#problem.since > ROUND / 500) this.#problem = null;
      },
      (error) => this.#failed(error),
    );
  }

  /** Told once, not every second. */
  #failed(error: NodeJS.ErrnoException): void {
    const code = error.code ?? 'internal';
    if (this.#problem?.code !== code)
      this.#options.log.error({ err: error }, `recordings cannot be written: ${error.message}`);
    this.#problem = { code, message: error.message, since: Date.now() / 1000 };
  }
}

function openLibrary(folder: string, settings: RecordingSettings): Library {
  try {
    return new Library(folder, rulesOf(settings));
  } catch (cause) {
    const message = `Recordings cannot be kept in ${folder}: ${(cause as Error).message}`;
    throw new CameraError(400, 'folder_unusable', message, { cause });
  }
}

function rulesOf({ cameras, days, max_bytes, min_free_bytes }: RecordingSettings): Library['rules'] {
  return {
    days: (camera) => cameras[camera]?.days ?? days ?? undefined,
    mostBytes: max_bytes ?? undefined,
    leastFree: min_free_bytes ?? LEAST_FREE,
  };
}
