import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What is walked through. */
export interface WalkPlan {
  folder: string;
  /** Of its file system: another one is there when its disk is taken away. */
  device: number;
}

/** What the thread tells (walkThread.ts). Paths are relative to the folder; a day is `door/2026-11-22`. */
export type WalkTold =
  | { say: 'days'; days: string[] }
  /** All segments of a day, and those of them that are to be kept. Waits for the answer. */
  | { say: 'day'; day: string; files: string[]; kept: string[] }
  /** Unix milliseconds of its end, and its bytes; none: there is nothing in it, or it is none of ours. */
  | { say: 'found'; path: string; content: { until: number; bytes: number } | undefined }
  /** Something could not be read, and is left as it is. */
  | { say: 'unread'; path: string; message: string }
  | { say: 'done' };

/** Segments to be looked into. */
export type WalkAnswer = readonly string[];

export type WalkSays<K extends WalkTold['say']> = Extract<WalkTold, { say: K }>;

export interface WalkListener {
  days(told: WalkSays<'days'>): void;
  day(told: WalkSays<'day'>): WalkAnswer;
  found(told: WalkSays<'found'>): void;
  unread(told: WalkSays<'unread'>): void;
}

/** A walk through a folder in a thread of its own; see walkThread.ts why. */
export class Walk {
  /** It is over: true when it came to its end. Never rejects. */
  readonly done: Promise<boolean>;
  readonly #worker: Worker;

  /** @param failed the folder could not be walked through */
  constructor(plan: WalkPlan, listener: WalkListener, failed: (error: Error) => void) {
    const file = join(import.meta.dirname, `walkThread${extname(import.meta.filename)}`);
    this.#worker = new Worker(file, { workerData: plan, env: {}, execArgv: [] });
    let ended = false;
    const hear = (told: WalkTold) => {
      if (told.say === 'days') listener.days(told);
      else if (told.say === 'day') this.#worker.postMessage(listener.day(told));
      else if (told.say === 'found') listener.found(told);
      else if (told.say === 'unread') listener.unread(told);
      else ended = true;
    };
    this.#worker.on('message', (told: WalkTold) => {
      try {
        hear(told);
      } catch (error) {
        // The index cannot be written: the box's own disk is full.
        failed(error as Error);
        this.end();
      }
    });
    this.#worker.on('error', failed);
    this.done = new Promise((resolve) => this.#worker.once('exit', () => resolve(ended)));
  }

  /** Not waited for: it may hang in a call to the disk. */
  end(): void {
    this.#worker.removeAllListeners('message');
    void this.#worker.terminate();
  }
}
