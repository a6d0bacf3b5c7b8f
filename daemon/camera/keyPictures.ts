import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import type { Counters } from './counters.ts';
import { OnvifError, onvifTarget } from './onvif.ts';
import { OnvifThread } from './onvifThread.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds between two looks. */
const LOOK = 250;
/** So long a stream may give no picture before its camera is asked: most begin with a key picture, or have one every second. */
export const KEY_PATIENCE = 1_000;
/** For all of it: a thread, finding the service, logging in, asking. */
const TIMEOUT = 6_000;
/** A thread costs 10 MB; after a power cut fifty cameras come back at once. */
const MOST_AT_ONCE = 2;
/** Between two times for the same stream: where no picture comes for another reason, sessions follow one another. */
const AGAIN = 60_000;
/** And where pictures came when it was asked last: a network that loses packets would have every picture be a key picture. */
const AGAIN_AFTER_PICTURES = 10_000;
/** A camera that refused is left alone for so long: a login that is wrong must not lock the account. */
const LEFT_ALONE = 3_600_000;

/** What is looked at of a stream. */
export type Waiting = Pick<StreamSupervisor, 'connected' | 'state' | 'connects'> & {
  readonly source: Pick<StreamSupervisor['source'], 'name'>;
  readonly counters: { readonly sums: Pick<Counters['sums'], 'frames_received' | 'frames_dropped'> };
};

/** A stream as it was when it gave a picture last. */
interface LastPicture {
  /** `performance.now()` milliseconds. */
  at: number;
  session: number;
  received: number;
  dropped: number;
  /** Its camera was asked since. */
  asked: boolean;
}

export interface KeyPicturesOptions {
  readonly store: { camera(id: string): CameraRow | undefined; stream(name: string): StreamRow | undefined };
  readonly streams: () => Iterable<Waiting>;
  readonly log: Logger;
  /** Milliseconds between two times for the same stream; for tests. */
  readonly again?: number;
}

/**
 * Streams that play and show nothing yet wait for a key picture, which cameras with smart codecs make every ten seconds and more; so do
 * those that lost a part of a picture, since what follows refers to it. Their cameras are asked for one over ONVIF, once each time.
 */
export class KeyPictures {
  readonly #options: KeyPicturesOptions;
  #last = new Map<string, LastPicture>();
  /** Stream → when its camera was asked last, and how many pictures it had given before. */
  readonly #asked = new Map<string, { at: number; received: number }>();
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
    const before = this.#last;
    this.#last = new Map();
    for (const { connected, state, connects, source, counters } of this.#options.streams()) {
      if (!connected || state === 'paused') continue;
      const { frames_received: received, frames_dropped: dropped } = counters.sums;
      const known = before.get(source.name);
      const isSame = known?.session === connects && known.received === received;
      const last = isSame ? known : { at: now, session: connects, received, dropped, asked: false };
      this.#last.set(source.name, last);
      // One that is live and slow, or stands still, waits for no key picture.
      if (state === 'live' && dropped === last.dropped) continue;
      if (last.asked || now - last.at < KEY_PATIENCE || this.#asking.size >= MOST_AT_ONCE) continue;
      const asked = this.#asked.get(source.name);
      const pause = asked && received > asked.received ? Math.min(AGAIN_AFTER_PICTURES, again) : again;
      if (asked && now - asked.at < pause) continue;
      last.asked = true;
      this.#asked.set(source.name, { at: now, received });
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
