/**
 * Describes a camera over ONVIF: who made it, which profiles it has, where their streams are. Each description has a
 * thread of its own (onvifThread.ts says why).
 */
import type { OnvifDescription } from '../schema.ts';
import { parseDeviceAddress } from './onvifAddress.ts';
import { OnvifError } from './onvifError.ts';
import type { OnvifTarget } from './onvifServices.ts';
import { OnvifThread } from './onvifThread.ts';

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

let running = 0;
const waiting: (() => void)[] = [];

/**
 * @returns addresses with the host that worked and without credentials; profiles without any video are left out
 * @throws OnvifError; the signal's reason after an abort. No error holds the password.
 */
export async function describeOnvif(options: DescribeOptions): Promise<OnvifDescription> {
  const timeout = options.timeout ?? 10_000;
  // The thread shall end by itself, with what it has, before it is ended.
  const target = onvifTarget({ ...options, timeout: Math.max(timeout * 0.8, timeout - 1000) });
  options.signal?.throwIfAborted();
  await turn(options.signal);
  try {
    return await inThread(target, timeout, options.signal);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/**
 * An address as people type it and credentials as they are stored, ready for a thread.
 * @throws OnvifError `unreachable`: there is no host in it
 */
export function onvifTarget(options: DescribeOptions & { readonly timeout: number }): OnvifTarget {
  const address = parseDeviceAddress(options.address);
  if (!address) throw new OnvifError('unreachable', 'This is no address of a camera', 'address');
  const username = options.username ?? address.username;
  return {
    address: { ...address, username: undefined, password: undefined },
    username: username === '' ? undefined : username,
    password: options.username === undefined ? (options.password ?? address.password) : options.password,
    timeout: options.timeout,
    logins: options.logins,
  };
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
  target: OnvifTarget,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<OnvifDescription> {
  signal?.throwIfAborted();
  const thread = new OnvifThread(target);
  const abort = () => void thread.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await thread.ask('describe', undefined, timeout);
  } finally {
    signal?.removeEventListener('abort', abort);
    await thread.close();
  }
}
