/**
 * A thread in which the onvif library speaks to one camera. It throws inside socket callbacks when an answer has not the
 * expected shape, never calls back when a connection ends in the middle of an answer, and strips namespaces by a regular
 * expression that a hostile answer makes run for minutes. In a thread all of these are a failed job: the thread is
 * ended, the walls go on.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OnvifError } from './onvifError.ts';
import type { JobReply, JobRequest, OnvifJob, OnvifJobs } from './onvifJobs.ts';
import type { OnvifTarget } from './onvifServices.ts';

const MAX_HEAP_MB = 64;

/** It costs some 10 MB and half a second, and keeps what it found out (login, clock, services) from job to job. */
export class OnvifThread {
  readonly #place: string;
  readonly #worker: Worker;
  #jobs = new Map<number, { resolve: (answer: unknown) => void; reject: (error: unknown) => void }>();
  #count = 0;
  #end: unknown;

  constructor(target: OnvifTarget) {
    const { hostname, port } = target.address;
    this.#place = port === undefined ? hostname : `${hostname}:${port}`;
    this.#worker = new Worker(join(import.meta.dirname, `onvifWorker${extname(import.meta.filename)}`), {
      workerData: target,
      env: {},
      execArgv: [],
      // The library warns on the console; our log is pino's.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (reply: JobReply) => {
      const job = this.#jobs.get(reply.id);
      this.#jobs.delete(reply.id);
      if ('answer' in reply) job?.resolve(reply.answer);
      else job?.reject(new OnvifError(reply.code, reply.message, reply.place));
    });
    const place = this.#place;
    this.#worker.on('error', (cause) =>
      this.#fail(new OnvifError('fault', 'The answer of the camera cannot be read', place, { cause })),
    );
    this.#worker.on('exit', () =>
      this.#fail(new OnvifError('fault', 'Reading the camera ended without a result', place)),
    );
  }

  /** False: it takes no jobs any more. */
  get alive(): boolean {
    return this.#end === undefined;
  }

  /**
   * @param timeout milliseconds; a job that takes longer hangs, and the thread is ended with all that it does
   * @throws OnvifError
   */
  async ask<K extends OnvifJob>(
    job: K,
    ask: OnvifJobs[K]['ask'],
    timeout: number,
  ): Promise<OnvifJobs[K]['answer']> {
    if (this.#end !== undefined) throw this.#end;
    const id = this.#count++;
    const place = this.#place;
    const timer = setTimeout(
      () => void this.close(new OnvifError('timeout', `${place} does not answer in time`, place)),
      timeout,
    );
    try {
      return await new Promise<OnvifJobs[K]['answer']>((resolve, reject) => {
        // The worker answers each job with its own kind of answer.
        this.#jobs.set(id, { resolve: resolve as (answer: unknown) => void, reject });
        this.#worker.postMessage({ id, job, ask } satisfies JobRequest);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Jobs under way fail with `reason`. May be called twice. */
  async close(
    reason: unknown = new OnvifError('fault', 'Speaking to the camera was ended', this.#place),
  ): Promise<void> {
    this.#fail(reason);
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#end ??= error;
    for (const { reject } of this.#jobs.values()) reject(this.#end);
    this.#jobs.clear();
  }
}
