import type { AccessUnit, AudioFrame, AudioParameters } from '../frame.ts';
import type { Beginning } from './overlap.ts';
import { SegmentFile } from './segmentFile.ts';
import type { SegmentIndex } from './segmentIndex.ts';
import { type SegmentLimits, SegmentMaker, type SegmentStep } from './segmentMaker.ts';
import { segmentPath } from './segmentName.ts';

/** Bytes that may wait for a slow disk; then the recording is interrupted until that has caught up. */
const MOST_WAITING = 16 * 1024 * 1024;
/** What is there is whole: only no more fits (`NoRoom` of library.ts too). */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
/** Milliseconds after a disk said no. */
const PAUSE = 1_000;

export interface RecorderOptions {
  camera: string;
  stream: string;
  folder: string;
  index: SegmentIndex;
  /** Called before a file is begun. @throws when files must not be begun in the folder as it is now */
  mayBegin?: () => Promise<void>;
  /** Called before a file is begun whose first picture another process may have written. */
  cutOverlap?: (beginning: Beginning) => Promise<void>;
  /** Called before so many bytes are written, so that what there may be is never exceeded. @throws when there is no room to make */
  makeRoom?: (bytes: number) => Promise<void>;
  /** Something could not be written: `ENOSPC` and the like. */
  failed: (error: NodeJS.ErrnoException) => void;
  limits?: Partial<SegmentLimits>;
  /** Unix milliseconds minus `performance.now()`. */
  clock?: () => number;
}

interface Open {
  id: number;
  file: SegmentFile;
  until: number;
}

/** Writes one stream into segments, one after the other. Nothing that a disk does holds up the pictures. */
export class Recorder {
  readonly camera: string;
  readonly stream: string;
  /** Pictures that were not written because the disk was too slow, or said no. */
  dropped = 0;
  #options: RecorderOptions;
  #maker: SegmentMaker;
  /** Bytes, and steps, that wait. */
  #waiting = 0;
  #steps = 0;
  #chain: Promise<void> = Promise.resolve();
  #open: Open | undefined;
  /** After an error: nothing is taken before this time, nor before the next key picture. */
  #notBefore = 0;
  #interrupted = false;
  #lastUntil: number | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.camera = options.camera;
    this.stream = options.stream;
    this.#maker = new SegmentMaker(options.limits);
  }

  /** Something waits to be written. */
  get busy(): boolean {
    return this.#steps > 0;
  }

  /** So much waits that more would be left out soon. */
  get full(): boolean {
    return this.#waiting > MOST_WAITING / 2;
  }

  /** Resolves when all that waits now is written, or could not be. */
  async settled(): Promise<void> {
    await this.#chain;
  }

  /** Unix milliseconds up to which something is in a file; undefined: nothing was written yet. */
  get until(): number | undefined {
    return this.#lastUntil;
  }

  push(unit: AccessUnit): void {
    if (this.#interrupted) {
      if (!unit.key || performance.now() < this.#notBefore || this.full) {
        this.dropped++;
        return;
      }
      this.#interrupted = false;
    }
    const clock = this.#options.clock?.() ?? Date.now() - performance.now();
    for (const step of this.#maker.push(unit, clock)) this.#enqueue(step);
    if (this.#waiting > MOST_WAITING) this.#interrupt();
  }

  /** Sound of the same stream, in the order of arrival among the pictures. */
  pushSound(frame: AudioFrame): void {
    if (this.#interrupted) return;
    for (const step of this.#maker.pushSound(frame)) this.#enqueue(step);
  }

  /** Such sound is on its way. @param at `performance.now()` milliseconds */
  expectSound(audio: AudioParameters, at: number): void {
    this.#maker.expectSound(audio, at);
  }

  /** What is in memory is written, the file closed. The recorder may go on afterwards. */
  async stop(): Promise<void> {
    for (const step of this.#maker.end()) this.#enqueue(step);
    await this.#chain;
  }

  #interrupt(): void {
    this.#interrupted = true;
    for (const step of this.#maker.end()) this.#enqueue(step);
  }

  #enqueue(step: SegmentStep): void {
    const bytes = 'data' in step ? step.data.length : 0;
    this.#waiting += bytes;
    this.#steps++;
    this.#chain = this.#chain
      .then(() => this.#carryOut(step))
      .catch((error: NodeJS.ErrnoException) => this.#fail(error))
      .finally(() => {
        this.#waiting -= bytes;
        this.#steps--;
      });
  }

  async #carryOut(step: SegmentStep): Promise<void> {
    if (step.do === 'begin') return this.#begin(step);
    const open = this.#open;
    if (!open) return;
    if (step.do === 'append') {
      await this.#options.makeRoom?.(step.data.length);
      await open.file.append(step.data);
      open.until = step.until;
      this.#lastUntil = step.until;
      this.#options.index.grow(open.id, step.until, open.file.bytes);
    } else await this.#close();
  }

  async #begin({ video, startedAt, data, again }: Extract<SegmentStep, { do: 'begin' }>): Promise<void> {
    await this.#close();
    const { camera, stream, folder, index, mayBegin, cutOverlap } = this.#options;
    await mayBegin?.();
    if (again) await cutOverlap?.({ camera, stream, startedAt, picture: again });
    const path = segmentPath({ camera, stream, startedAt });
    const { codec, width, height } = video;
    const times = { from: startedAt, until: startedAt };
    // First: whoever walks through the folder must not take the file for one that nobody knows.
    const id = index.insert({ camera, stream, path, ...times, bytes: 0, codec, width, height, open: true });
    const file = await SegmentFile.create(folder, path).catch((error) => {
      index.remove(id);
      throw error;
    });
    this.#open = { id, file, until: startedAt };
    await file.append(data);
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    // Otherwise nobody knows what came of it: it stays open in the index, and is looked into when the folder is opened again.
    if (await open.file.close()) this.#options.index.close(open.id, open.until, open.file.bytes);
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#notBefore = performance.now() + PAUSE;
    this.#interrupted = true;
    this.#maker.end();
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      void open.file.close().catch(() => {});
      try {
        // Of a disk that is gone, or fails, nobody knows what is on it: as in #close.
        if (NO_ROOM.has(error.code ?? '')) this.#options.index.close(open.id, open.until, open.file.bytes);
      } catch {
        // The index is on a full disk itself.
      }
    }
    // The index may be on the same disk, and SQLite has its own words.
    this.#options.failed(error.code === 'SQLITE_FULL' ? Object.assign(error, { code: 'ENOSPC' }) : error);
  }
}
