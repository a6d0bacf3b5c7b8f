import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import { OnvifError, onvifTarget } from './onvif.ts';
import { OnvifThread } from './onvifThread.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds between two looks. */
const LOOK = 250;
/** So long a stream may play without a picture before its camera is asked: most begin with a key picture, or have one every second. */
const PATIENCE = 1_000;
/** For all of it: a thread, finding the service, logging in, asking. */
const TIMEOUT = 6_000;
/** A thread costs 10 MB; after a power cut fifty cameras come back at once. */
const MOST_AT_ONCE = 2;
/** Between two times for the same stream: where no picture comes for another reason, sessions follow one another. */
const AGAIN = 60_000;
/** A camera that refused is left alone for so long: a login that is wrong must not lock the account. */
const LEFT_ALONE = 3_600_000;

/** What is looked at of a stream. */
export type Waiting = Pick<StreamSupervisor, 'connected' | 'state' | 'connects'> & {
  readonly source: Pick<StreamSupervisor['source'], 'name'>;
};

export interface KeyPicturesOptions {
  readonly store: { camera(id: string): CameraRow | undefined; stream(name: string): StreamRow | undefined };
  readonly streams: () => Iterable<Waiting>;
  readonly log: Logger;
  /** Milliseconds between two times for the same stream; for tests. */
  readonly again?: number;
}

/**
 * Streams that play and show nothing yet wait for a key picture, which cameras with smart codecs make every ten seconds and more. Their
 * cameras are asked for one over ONVIF, once a session.
 */
export class KeyPictures {
  readonly #options: KeyPicturesOptions;
  /** Stream → since when it waits (`performance.now()` milliseconds), in which of its sessions, and whether its camera was asked. */
  #waiting = new Map<string, { since: number; session: number; asked: boolean }>();
  /** Stream → when its camera was asked last. */
  readonly #asked = new Map<string, number>();
  /** Address and login, or these and a profile → until when its camera is left alone. */
  readonly #refused = new Map<string, number>();
  #asking = new Set<Promise<void>>();

  constructor(options: KeyPicturesOptions) {
    this.#options = options;
  }

  /** Until aborted; then no thread is left. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#look(performance.now(), signal);
      await sleep(LOOK, undefined, { signal }).catch(() => {});
    }
    await Promise.all(this.#asking);
  }

  #look(now: number, signal: AbortSignal): void {
    const { again = AGAIN } = this.#options;
    const before = this.#waiting;
    this.#waiting = new Map();
    for (const { connected, state, connects, source } of this.#options.streams()) {
      if (!connected || state === 'live' || state === 'paused') continue;
      const known = before.get(source.name);
      const entry = known?.session === connects ? known : { since: now, session: connects, asked: false };
      this.#waiting.set(source.name, entry);
      if (entry.asked || now - entry.since < PATIENCE || this.#asking.size >= MOST_AT_ONCE) continue;
      entry.asked = true;
      if (now - (this.#asked.get(source.name) ?? Number.NEGATIVE_INFINITY) < again) continue;
      this.#asked.set(source.name, now);
      const asking = this.#ask(source.name, now, signal).finally(() => this.#asking.delete(asking));
      this.#asking.add(asking);
    }
  }

  /** Never rejects: nobody waits for it. */
  async #ask(name: string, now: number, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#options;
    try {
      const stream = store.stream(name);
      const camera = stream && store.camera(stream.camera_id);
      if (!stream?.profile_token || !camera?.address) return;
      await this.#askCamera({ ...camera, address: camera.address }, stream.profile_token, now, signal);
    } catch (error) {
      if (error instanceof OnvifError)
        log.debug(
          { stream: name, code: error.code },
          'the camera gives no key picture when it is asked for one',
        );
      else log.error({ stream: name, err: error }, 'asking for a key picture failed');
    }
  }

  /** @throws OnvifError */
  async #askCamera(
    { address, username, password }: Pick<CameraRow, 'username' | 'password'> & { address: string },
    profile: string,
    now: number,
    signal: AbortSignal,
  ): Promise<void> {
    const login = JSON.stringify([address, username, password]);
    // A recorder may know it of some of its channels.
    const itself = JSON.stringify([login, profile]);
    if ([login, itself].some((key) => (this.#refused.get(key) ?? 0) > now)) return;
    const credentials = username === null ? {} : { username, password: password ?? '' };
    const thread = new OnvifThread(onvifTarget({ address, ...credentials, timeout: TIMEOUT, logins: 1 }));
    const abort = () => void thread.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await thread.ask('key_picture', { profile }, TIMEOUT);
    } catch (error) {
      const code = error instanceof OnvifError ? error.code : undefined;
      if (code === 'refused' || code === 'fault')
        this.#refused.set(code === 'refused' ? login : itself, now + LEFT_ALONE);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      await thread.close();
    }
  }
}
