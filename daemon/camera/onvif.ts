/**
 * Describes a camera over ONVIF: who made it, which profiles it has, where their streams are.
 *
 * The library runs in a worker thread of its own for each description. It throws inside socket callbacks when an answer
 * has not the expected shape, never calls back when a connection ends in the middle of an answer, and strips
 * namespaces by a regular expression that a hostile answer makes run for minutes. In a thread all of these are a
 * failed description: the thread is ended, the walls go on.
 */
import { Worker } from 'node:worker_threads';
import type { OnvifDescription } from '../schema.ts';
import { parseDeviceAddress } from './onvifAddress.ts';
import type { DescriptionRequest } from './onvifDescription.ts';
import { OnvifError } from './onvifError.ts';
import type { WorkerResult } from './onvifWorker.ts';

export { OnvifError, type OnvifErrorCode } from './onvifError.ts';

export interface DescribeOptions {
  /** Host, host:port or URL of the device service. Without port the usual ones are tried. */
  readonly address: string;
  /** Win over those in `address`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Milliseconds for the whole description, counted from its begin (at most four run at a time); default 10000. */
  readonly timeout?: number | undefined;
  /** At most so many ways to log in, the likeliest first; default all four. A wrong password costs one failed login each. */
  readonly logins?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A thread costs some 10 MB; a search may find fifty cameras at once. */
const MAX_THREADS = 4;
const MAX_HEAP_MB = 64;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * @returns addresses with the host that worked and without credentials; profiles without any video are left out
 * @throws OnvifError; the signal's reason after an abort. No error holds the password.
 */
export async function describeOnvif(options: DescribeOptions): Promise<OnvifDescription> {
  const address = parseDeviceAddress(options.address);
  if (!address) throw new OnvifError('unreachable', 'This is no address of a camera', 'address');
  const username = options.username ?? address.username;
  const request: DescriptionRequest = {
    address: { ...address, username: undefined, password: undefined },
    username: username === '' ? undefined : username,
    password: options.username === undefined ? (options.password ?? address.password) : options.password,
    timeout: options.timeout ?? 10_000,
    logins: options.logins,
  };
  options.signal?.throwIfAborted();
  await turn(options.signal);
  try {
    return await inThread(request, options.signal);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** Waits until fewer than MAX_THREADS run, then counts as running. */
async function turn(signal: AbortSignal | undefined): Promise<void> {
  while (running >= MAX_THREADS) {
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        signal?.removeEventListener('abort', quit);
        resolve();
      };
      const quit = (): void => {
        waiting.splice(waiting.indexOf(next), 1);
        reject(signal?.reason);
      };
      waiting.push(next);
      signal?.addEventListener('abort', quit, { once: true });
    });
  }
  running += 1;
}

async function inThread(
  request: DescriptionRequest,
  signal: AbortSignal | undefined,
): Promise<OnvifDescription> {
  signal?.throwIfAborted();
  const { hostname, port } = request.address;
  const place = port === undefined ? hostname : `${hostname}:${port}`;
  const worker = new Worker(new URL('./onvifWorker.ts', import.meta.url), {
    // The thread shall end by itself, with what it has, before it is ended.
    workerData: { ...request, timeout: Math.max(request.timeout * 0.8, request.timeout - 1000) },
    env: {},
    execArgv: [],
    // The library warns on the console; our log is pino's.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let cleanUp = (): void => {};
  try {
    return await new Promise<OnvifDescription>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new OnvifError('timeout', `${place} does not answer in time`, place)),
        request.timeout,
      );
      const abort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      cleanUp = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      worker.on('message', (result: WorkerResult) => {
        if ('description' in result) resolve(result.description);
        else reject(new OnvifError(result.code, result.message, result.place));
      });
      worker.on('error', (cause) =>
        reject(new OnvifError('fault', 'The answer of the camera cannot be read', place, { cause })),
      );
      worker.on('exit', () =>
        reject(new OnvifError('fault', 'Reading the camera ended without a result', place)),
      );
    });
  } finally {
    cleanUp();
    await worker.terminate();
  }
}
