/** The pictures that cameras make themselves, at the addresses that ONVIF told of (GetSnapshotUri; discover/README, case 32). */
import type { JudgeCertificate } from '../ingest/cameraSocket.ts';
import { HttpFetch } from '../ingest/http/httpFetch.ts';
import { IngestError } from '../ingest/ingestError.ts';
import { parseSourceUrl } from '../ingest/sourceUrl.ts';
import { JpegSplitter } from '../jpeg/jpegSplitter.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';

/** Milliseconds. Some cameras stop their encoder for a picture, and take seconds for it. */
const PATIENCE = 8_000;
/** Milliseconds that a camera which refused our login is left alone: most makes lock accounts (discover/README, case 26). */
const LEFT_ALONE = 30 * 60_000;

export interface OwnPicturesOptions {
  readonly store: {
    camera(id: string): Pick<CameraRow, 'username' | 'password'> | undefined;
    streams(): readonly Pick<StreamRow, 'camera_id' | 'snapshot_url'>[];
  };
  readonly judge: JudgeCertificate;
}

export class OwnPictures {
  readonly #options: OwnPicturesOptions;
  /** By camera: whoever asks meanwhile gets the same one. */
  readonly #asking = new Map<string, Promise<Buffer>>();
  /** Logins that were refused, and until when they are not tried again, `performance.now()` milliseconds. */
  readonly #refused = new Map<string, { login: string; until: number }>();

  constructor(options: OwnPicturesOptions) {
    this.#options = options;
  }

  /**
   * A JPEG of now as the camera's own encoder makes it, which takes no session for video.
   * @throws CameraError `camera_not_found`, `no_snapshot`, `refused`, `busy`, `unreachable`, `camera_failed`
   */
  get(id: string): Promise<Buffer> {
    const asking = this.#asking.get(id) ?? this.#ask(id).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
    return asking;
  }

  async #ask(id: string): Promise<Buffer> {
    const { store, judge } = this.#options;
    const camera = store.camera(id);
    if (!camera) throw cameraNotFound(id);
    const own = store.streams().find((stream) => stream.camera_id === id && stream.snapshot_url !== null);
    if (own?.snapshot_url == null)
      throw new CameraError(
        404,
        'no_snapshot',
        'This camera told of no address of pictures. Leave out source=camera: a picture is then made of its video.',
      );
    const username = camera.username ?? undefined;
    const password = camera.password ?? undefined;
    const login = JSON.stringify([username, password]);
    const refused = this.#refused.get(id);
    if (refused?.login === login && refused.until > performance.now()) throw refusal();
    const url = parseSourceUrl(own.snapshot_url);
    if ('invalid' in url) throw failed('camera_failed', url.invalid);
    // A login in the address is the camera's own way; one in the head as well is what some refuse. HttpClient sends none before it is asked.
    const timeouts = { connectTimeout: PATIENCE, requestTimeout: PATIENCE, stallTimeout: PATIENCE };
    const fetching = new HttpFetch({ url, username, password, judge, ...timeouts });
    const over = AbortSignal.timeout(PATIENCE);
    try {
      const { data } = await fetching.get(own.snapshot_url, undefined, over);
      // Not by its type: `application/octet-stream`, `image/jpg` and none at all were seen.
      const [picture] = new JpegSplitter().push(data);
      if (!picture) throw failed('camera_failed', 'what came is no whole JPEG');
      return picture;
    } catch (error) {
      if (over.aborted) throw failed('unreachable', `nothing came within ${PATIENCE / 1000} s`, error);
      if (!(error instanceof IngestError)) throw error;
      if (error.code === 'refused') {
        this.#refused.set(id, { login, until: performance.now() + LEFT_ALONE });
        throw refusal(error);
      }
      const known = error.code === 'busy' || error.code === 'unreachable' ? error.code : 'camera_failed';
      throw failed(known, error.message, error);
    }
  }
}

function refusal(cause?: unknown): CameraError {
  const message =
    'The camera refused our login when it was asked for a picture. Check its user’s rights, or enter its password again.';
  return new CameraError(502, 'refused', message, { cause });
}

function failed(code: string, why: string, cause?: unknown): CameraError {
  return new CameraError(502, code, `The camera gives no picture just now: ${why}.`, { cause });
}
