/** Moves cameras, and always stops them again. */
import type { Logger } from 'pino';
import type { Ptz, PtzCommand, ServerEvent } from '../schema.ts';
import type { CameraRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';
import { OnvifError, onvifTarget } from './onvif.ts';
import type { OnvifJob, OnvifJobs } from './onvifJobs.ts';
import { NOT_MOVABLE } from './onvifPtzReply.ts';
import { OnvifThread } from './onvifThread.ts';
import { Mover } from './ptzMover.ts';

/** Cameras that are spoken to at a time: each takes a thread of some 10 MB. */
const MOST_THREADS = 4;
/** Milliseconds that a connection is kept after its last use: the next command then takes one request. */
const WARM = 30_000;
/** Milliseconds for finding the camera's services and motors, and for one command besides. */
const FINDING = 8_000;
const ANSWER = 10_000;
/** Milliseconds that a camera which refused our login is left alone: most makes lock accounts (discover/README, case 26). */
const LEFT_ALONE = 30 * 60_000;
/** Milliseconds, when the daemon stops. */
const LAST_STOP = 1_000;

/** Commands that end by themselves when the camera is there. */
const GOES: readonly PtzCommand['action'][] = ['absolute_move', 'relative_move', 'home', 'preset'];

export interface PtzOptions {
  store: Pick<Store, 'camera' | 'streams' | 'updateCamera'>;
  cameras: {
    subscribe(listener: (event: ServerEvent) => void): () => void;
    announce(event: ServerEvent): void;
  };
  log: Logger;
  /** For tests: milliseconds that a connection is kept. */
  warm?: number;
}

/** What is known of one camera while it is in use. */
interface Link {
  /** Address and login that it was opened with: it does not outlive them. */
  readonly key: string;
  readonly camera: CameraRow;
  readonly profiles: readonly string[];
  readonly mover: Mover;
  thread: OnvifThread | undefined;
  /** It is not to be spoken to any more. */
  gone: boolean;
  /** Requests under way. */
  busy: number;
  usedAt: number;
  idle: NodeJS.Timeout | undefined;
  /** The login was refused; until when it is not tried again, `performance.now()` milliseconds. */
  refused: { readonly error: CameraError; readonly until: number } | undefined;
}

/** @throws CameraError of all methods: `not_supported`, `unreachable`, `refused`, `busy`, `camera_not_found` */
export class PtzControl {
  readonly #options: PtzOptions;
  readonly #warm: number;
  #links = new Map<string, Link>();
  #ended = false;

  constructor(options: PtzOptions) {
    this.#options = options;
    this.#warm = options.warm ?? WARM;
  }

  /** Until aborted; then every camera that moves is told to stop, within a second. */
  async run(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.#options.cameras.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras') this.#forgetRemoved();
    });
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.#ended = true;
    unsubscribe();
    await Promise.all([...this.#links.values()].map((link) => this.#drop(link)));
  }

  /** Whether it can be moved, and where to. Opens the connection that the next command uses. */
  async read(id: string): Promise<Ptz> {
    const camera = this.#camera(id);
    if (!camera.ptz || camera.address === null) return NOT_MOVABLE;
    const link = this.#link(camera, camera.address);
    const ptz = await this.#ask(link, 'ptz', { profiles: link.profiles });
    if (!ptz.supported) this.#cannotMove(id);
    return ptz;
  }

  /** Resolves when the camera took the command, or a newer one of the same kind. */
  async command(id: string, command: PtzCommand): Promise<void> {
    const camera = this.#camera(id);
    if (camera.address === null)
      throw new CameraError(
        409,
        'not_supported',
        'The camera was added by its stream addresses. Give it its ONVIF address to move it.',
      );
    if (!camera.ptz) throw notSupported();
    const link = this.#link(camera, camera.address);
    if (command.action === 'move') {
      const { pan = 0, tilt = 0, zoom = 0, seconds = 2 } = command;
      if (pan === 0 && tilt === 0 && zoom === 0) return link.mover.stop();
      return link.mover.move({ pan, tilt, zoom }, seconds);
    }
    if (command.action === 'stop') return link.mover.stop();
    // Else the stop that is still to come would end the way to the place.
    if (GOES.includes(command.action) && link.mover.moving) await link.mover.stop();
    await this.#ask(link, 'ptz_command', { profiles: link.profiles, command });
  }

  #camera(id: string): CameraRow {
    const camera = this.#options.store.camera(id);
    if (!camera) throw cameraNotFound(id);
    return camera;
  }

  /** The camera said so itself: its profiles had promised more. */
  #cannotMove(id: string): void {
    this.#options.store.updateCamera(id, { ptz: false });
    this.#options.cameras.announce({ type: 'changed', what: 'cameras' });
  }

  #link(camera: CameraRow, address: string): Link {
    if (this.#ended) throw new CameraError(503, 'stopping', 'The daemon is stopping. Try again in a moment.');
    const key = JSON.stringify([address, camera.username, camera.password]);
    const known = this.#links.get(camera.id);
    if (known?.key === key) return known;
    if (known) void this.#drop(known);
    const link: Link = {
      key,
      camera,
      profiles: this.#options.store
        .streams()
        .flatMap((row) => (row.camera_id === camera.id ? (row.profile_token ?? []) : [])),
      mover: new Mover({
        move: (velocity, seconds) => this.#command(link, { action: 'move', ...velocity, seconds }),
        stop: () => this.#command(link, { action: 'stop' }),
        answered: (error) => error instanceof CameraError && error.code !== 'unreachable',
        hopeless: (error) =>
          link.gone || link.refused !== undefined || (error as Partial<CameraError>).code === 'not_supported',
        lost: (error) =>
          this.#options.log.warn({ camera: camera.id, err: error }, 'the camera could not be told to stop'),
      }),
      thread: undefined,
      gone: false,
      busy: 0,
      usedAt: performance.now(),
      idle: undefined,
      refused: undefined,
    };
    this.#links.set(camera.id, link);
    return link;
  }

  async #command(link: Link, command: PtzCommand): Promise<void> {
    await this.#ask(link, 'ptz_command', { profiles: link.profiles, command });
  }

  async #ask<K extends OnvifJob>(
    link: Link,
    job: K,
    ask: OnvifJobs[K]['ask'],
  ): Promise<OnvifJobs[K]['answer']> {
    if (link.refused && performance.now() < link.refused.until) throw link.refused.error;
    link.busy += 1;
    link.usedAt = performance.now();
    clearTimeout(link.idle);
    try {
      return await this.#thread(link).ask(job, ask, FINDING + ANSWER);
    } catch (error) {
      if (!(error instanceof OnvifError)) throw error;
      const failure = failureOf(error);
      if (error.code === 'refused') link.refused = { error: failure, until: performance.now() + LEFT_ALONE };
      throw failure;
    } finally {
      link.busy -= 1;
      link.usedAt = performance.now();
      this.#restLater(link);
    }
  }

  #thread(link: Link): OnvifThread {
    if (link.thread?.alive) return link.thread;
    if (link.gone)
      throw new CameraError(503, 'stopping', 'The camera was removed, or the daemon is stopping.');
    const open = [...this.#links.values()].filter((one) => one !== link && one.thread?.alive);
    if (open.length >= MOST_THREADS) {
      const resting = open.filter((one) => one.busy === 0 && !one.mover.moving);
      const [oldest] = resting.sort((a, b) => a.usedAt - b.usedAt);
      if (!oldest)
        throw new CameraError(
          503,
          'busy',
          `${MOST_THREADS} cameras are being moved at this moment. Try again when one of them rests.`,
        );
      this.#rest(oldest);
    }
    const { address, username, password } = link.camera;
    link.thread = new OnvifThread(
      onvifTarget({
        address: address ?? '',
        ...(username === null ? {} : { username, password: password ?? '' }),
        timeout: FINDING,
      }),
    );
    return link.thread;
  }

  #restLater(link: Link): void {
    clearTimeout(link.idle);
    link.idle = setTimeout(() => {
      if (link.busy > 0 || link.mover.moving) this.#restLater(link);
      else this.#rest(link);
    }, this.#warm).unref();
  }

  #rest(link: Link): void {
    clearTimeout(link.idle);
    void link.thread?.close();
    link.thread = undefined;
  }

  /** Stops it first: after this nobody can. */
  async #drop(link: Link): Promise<void> {
    if (this.#links.get(link.camera.id) === link) this.#links.delete(link.camera.id);
    await link.mover.end(LAST_STOP);
    link.gone = true;
    this.#rest(link);
  }

  #forgetRemoved(): void {
    for (const link of [...this.#links.values()])
      if (!this.#options.store.camera(link.camera.id)) void this.#drop(link);
  }
}

function notSupported(cause?: unknown): CameraError {
  return new CameraError(409, 'not_supported', 'This camera cannot be moved that way.', { cause });
}

function failureOf(error: OnvifError): CameraError {
  if (error.code === 'fault') {
    if (/not ?supported|not ?implemented|noptz|no ?home/i.test(error.message)) return notSupported(error);
    return new CameraError(502, 'refused', `${error.message}.`, { cause: error });
  }
  if (error.code === 'refused')
    return new CameraError(502, 'refused', `${error.message}. Check that this user may move the camera.`, {
      cause: error,
    });
  return new CameraError(502, 'unreachable', `${error.message}. Check that the camera is switched on.`, {
    cause: error,
  });
}
