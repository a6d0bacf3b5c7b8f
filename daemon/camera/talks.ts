/** Who talks through which camera: one at a time, since a loudspeaker has one. */
import type { Logger } from 'pino';
import type { JudgeCertificate } from '../ingest/cameraSocket.ts';
import { IngestError } from '../ingest/ingestError.ts';
import { findLoudspeaker, TalkSession } from '../ingest/talk/talkSession.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';
import type { CameraSet } from './cameraSet.ts';
import type { StreamSource } from './streamSource.ts';
import { isMainStream } from './tileStream.ts';

/** Milliseconds that a camera which refused our login is left alone: most makes lock accounts (discover/README, case 26). */
const LEFT_ALONE = 30 * 60_000;

export interface TalksOptions {
  cameras: Pick<CameraSet, 'camera' | 'supervisors'>;
  judge: JudgeCertificate;
  log: Logger;
}

/** Milliseconds that an answer to `find` holds. */
const KNOWN_FOR = 3_600_000;

/** What a talker has in hand. */
export type Talk = Pick<TalkSession, 'send' | 'close' | 'closed' | 'coding'>;

export class Talks {
  readonly #options: TalksOptions;
  #talking = new Set<string>();
  #known = new Map<string, { source: StreamSource; has: boolean; until: number }>();
  /** Logins that were refused, and until when they are not tried again. */
  #refused = new Map<string, { source: StreamSource; until: number }>();

  constructor(options: TalksOptions) {
    this.#options = options;
  }

  /** Whether there is a loudspeaker; asks the camera, and remembers for an hour. @throws CameraError as `open` */
  async find(id: string): Promise<boolean> {
    const source = this.#sourceOf(id);
    const known = this.#known.get(id);
    if (known && known.source === source && known.until > performance.now()) return known.has;
    this.#leaveAlone(id, source);
    const has = await findLoudspeaker(this.#optionsOf(id, source), new AbortController().signal).then(
      () => true,
      (error) => {
        const explained = this.#explained(id, source, error);
        if (explained instanceof CameraError && explained.code === 'no_loudspeaker') return false;
        throw explained;
      },
    );
    this.#known.set(id, { source, has, until: performance.now() + KNOWN_FOR });
    return has;
  }

  /**
   * @param sampleRate Hz, of what will be said
   * @throws CameraError `camera_not_found`, `talked_to`, `no_loudspeaker`, `refused`, `busy`, `unreachable`
   */
  async open(id: string, sampleRate: number, signal: AbortSignal): Promise<Talk> {
    const source = this.#sourceOf(id);
    if (this.#talking.has(id))
      throw new CameraError(
        409,
        'talked_to',
        'Somebody else talks through this camera. Try again in a moment.',
      );
    this.#leaveAlone(id, source);
    this.#talking.add(id);
    try {
      const options = this.#optionsOf(id, source);
      const session = await TalkSession.open({ ...options, sampleRate }, signal);
      options.log.info({ coding: session.coding }, 'somebody talks through the camera');
      void session.closed.then(() => this.#talking.delete(id));
      return session;
    } catch (error) {
      this.#talking.delete(id);
      throw this.#explained(id, source, error);
    }
  }

  /** The main stream's: makes offer the loudspeaker on all of them, the main one first. */
  #sourceOf(id: string): StreamSource {
    const streams = this.#options.cameras.camera(id)?.streams;
    if (!streams) throw cameraNotFound(id);
    const stream = streams.find((one) => isMainStream(one, streams)) ?? streams[0];
    const supervisor = this.#options.cameras.supervisors.find(({ source }) => source.name === stream?.name);
    if (supervisor) return supervisor.source;
    throw new CameraError(
      409,
      'no_loudspeaker',
      'This camera has no stream that could be asked for a loudspeaker.',
    );
  }

  #optionsOf(id: string, { url, username, password }: StreamSource) {
    const login = { username: username ?? undefined, password: password ?? undefined };
    return { url, ...login, judge: this.#options.judge, log: this.#options.log.child({ camera: id }) };
  }

  #leaveAlone(id: string, { username, password }: StreamSource): void {
    const refused = this.#refused.get(id);
    if (!refused || refused.until < performance.now()) return;
    if (refused.source.username !== username || refused.source.password !== password) return;
    throw refusal();
  }

  #explained(id: string, source: StreamSource, error: unknown): unknown {
    if (!(error instanceof IngestError)) return error;
    const { code, message } = error;
    // An address of HTTP leads to pictures only.
    if (code === 'unsupported' || code === 'invalid_url')
      return new CameraError(409, 'no_loudspeaker', `Nobody can talk through this camera: ${message}.`, {
        cause: error,
      });
    if (code === 'refused') {
      this.#refused.set(id, { source, until: performance.now() + LEFT_ALONE });
      return refusal(error);
    }
    const known = code === 'busy' || code === 'unreachable' ? code : 'camera_failed';
    return new CameraError(502, known, `The camera cannot be talked to just now: ${message}.`, {
      cause: error,
    });
  }
}

function refusal(cause?: unknown): CameraError {
  const message =
    'The camera refused our login when it was asked for its loudspeaker. Check its user’s rights, or enter its password again.';
  return new CameraError(502, 'refused', message, { cause });
}
