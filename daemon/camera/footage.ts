import { type LaidOut, Layouts } from '../record/layouts.ts';
import type { Library } from '../record/library.ts';
import type { Segment } from '../record/segmentIndex.ts';
import { GAP } from '../record/spans.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';

/** Milliseconds: how far before a wanted time its key picture may lie. */
export const MOST_BEFORE = 15_000;
/** Segments of one question: a day of minutes and more. */
const MOST_SEGMENTS = 20_000;

export interface FootageOptions {
  /** `library` throws while there is none. */
  recordings: { readonly library: Library };
  cameras: { camera(id: string): unknown };
}

/** Recorded video, as players need it: by camera and time. Times in Unix milliseconds. */
export class Footage {
  readonly #options: FootageOptions;
  readonly #layouts = new Layouts();

  constructor(options: FootageOptions) {
    this.#options = options;
  }

  /** @throws CameraError 503 */
  get library(): Library {
    return this.#options.recordings.library;
  }

  /** A camera that was removed is known as long as something of it is recorded. @throws CameraError `camera_not_found` */
  require(camera: string): void {
    if (this.#options.cameras.camera(camera) || this.library.index.cameras().includes(camera)) return;
    throw cameraNotFound(camera);
  }

  /** Segments that have something of that time or shortly before it, by their beginnings. @throws CameraError 503 */
  async find(camera: string, from: number, until: number): Promise<LaidOut[]> {
    const { folder, index } = this.library;
    const query = { camera, from: from - MOST_BEFORE - GAP, until, limit: MOST_SEGMENTS };
    return this.#layouts.of(folder, index.find(query));
  }

  /** Where they are laid out already, at once. */
  async layOut(segments: readonly Segment[]): Promise<LaidOut[]> {
    return this.#layouts.of(this.library.folder, segments);
  }

  /** To be thrown. */
  nothing(camera: string, at: number): CameraError {
    const nearest = this.library.index.nearest(camera, at);
    const where =
      nearest === undefined
        ? 'Nothing of it is recorded at all.'
        : `The nearest time that is recorded is ${new Date(nearest).toISOString()} (${(nearest / 1000).toFixed(3)}).`;
    return new CameraError(404, 'nothing_recorded', `Nothing of ${camera} is recorded then. ${where}`);
  }
}
