import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JpegFrame } from '../frame.ts';
import { jpegSize } from '../jpeg/jpegSize.ts';
import type { Camera, ServerEvent } from '../schema.ts';
import { type KeptPicture, MAX_PICTURE, PictureFiles } from '../store/pictureFiles.ts';

/** Milliseconds between two pictures of one camera: flash memory wears out. */
const EVERY = 60_000;
/** Milliseconds between two looks at what is shown. */
const LOOK = 2_000;
/** Pixels. Narrower ones say little; wider ones are as good on a grey tile and take more room. */
const NARROWEST = 320;
const WIDEST = 1280;
/** Milliseconds. Of pictures that are so close in time the best size is taken, not the newest. */
const SAME_TIME = 5_000;

/** What is needed of the cameras. */
export interface Shown {
  camera(id: string): Camera | undefined;
  /** The newest picture of each rendition that is open. */
  newestPictures(): Iterable<{ camera: string; frame: JpegFrame }>;
  subscribe(listener: (event: ServerEvent) => void): () => void;
}

export interface LastPicturesOptions {
  folder: string;
  log: Logger;
  /** For tests: milliseconds between two looks, and between two pictures of a camera. */
  look?: number;
  every?: number;
}

/**
 * Keeps the newest picture of every camera that is shown, so that after a restart each tile begins with something.
 * Nothing is decoded for it: it takes what viewers are sent anyway.
 */
export class LastPictures {
  readonly #options: LastPicturesOptions;
  readonly #files: PictureFiles;
  /** Camera → Unix seconds of its kept picture. */
  #times = new Map<string, number>();
  /** Camera → what was written of it in this run, `performance.now()` milliseconds. */
  #written = new Map<string, { at: number; receivedAt: number }>();
  #failing = false;

  constructor(options: LastPicturesOptions) {
    this.#options = options;
    this.#files = new PictureFiles(options.folder);
  }

  /** When the camera's kept picture was taken, Unix seconds; null: there is none. */
  time(camera: string): number | null {
    return this.#times.get(camera) ?? null;
  }

  /** @returns undefined when there is none that is whole */
  async read(camera: string): Promise<KeptPicture | undefined> {
    if (!this.#times.has(camera)) return undefined;
    const picture = await this.#files.read(camera).catch((error: unknown) => this.#failed(error));
    if (!picture) this.#times.delete(camera);
    return picture;
  }

  /** Reads what the last run left. A disk that does not let us costs the pictures, not the wall. Never rejects. */
  async open(): Promise<void> {
    await this.#files.open().then(
      (times) => {
        this.#times = times;
      },
      (error) => this.#failed(error),
    );
  }

  /** Keeps pictures until aborted, those of the last moment too. Never rejects. */
  async run(signal: AbortSignal, shown: Shown): Promise<void> {
    const { look = LOOK, every = EVERY } = this.#options;
    this.#forget(shown);
    const unsubscribe = shown.subscribe((event) => {
      if (event.type === 'changed' && event.what === 'cameras') this.#forget(shown);
    });
    let last: Map<string, JpegFrame> = new Map();
    // Taken at once, not a moment later: everything else stops by the same signal, and the pictures go with it.
    const onAbort = () => {
      last = best(shown.newestPictures());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      await this.#keep(best(shown.newestPictures()), every, shown);
      await sleep(look, undefined, { signal }).catch(() => {});
    }
    unsubscribe();
    await this.#keep(last, 0, shown);
  }

  async #keep(frames: ReadonlyMap<string, JpegFrame>, every: number, shown: Shown): Promise<void> {
    for (const [camera, { data, receivedAt }] of frames) {
      const before = this.#written.get(camera);
      const now = performance.now();
      if (before && (now - before.at < every || receivedAt <= before.receivedAt)) continue;
      this.#written.set(camera, { at: now, receivedAt });
      const time = (Date.now() - (now - receivedAt)) / 1000;
      try {
        await this.#files.write(camera, data, time);
        this.#times.set(camera, Math.round(time * 1000) / 1000);
        this.#failing = false;
      } catch (error) {
        this.#failed(error);
      }
      if (!shown.camera(camera)) this.#remove(camera); // removed while it was written
    }
  }

  /** Pictures go with their cameras. */
  #forget(shown: Shown): void {
    for (const camera of [...this.#times.keys()]) if (!shown.camera(camera)) this.#remove(camera);
  }

  #remove(camera: string): void {
    this.#times.delete(camera);
    this.#written.delete(camera);
    try {
      this.#files.remove(camera);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Told once, not every minute. */
  #failed(error: unknown): undefined {
    if (!this.#failing) this.#options.log.warn({ err: error }, 'last pictures cannot be kept');
    this.#failing = true;
    return undefined;
  }
}

/** For each camera the picture to keep, of the newest ones that of the best size. */
function best(pictures: Iterable<{ camera: string; frame: JpegFrame }>): Map<string, JpegFrame> {
  const chosen = new Map<string, JpegFrame>();
  for (const [camera, all] of Map.groupBy(pictures, (picture) => picture.camera)) {
    const sized = all.flatMap(({ frame }) => {
      const width = frame.data.length > MAX_PICTURE ? 0 : (jpegSize(frame.data)?.width ?? 0);
      return width >= NARROWEST ? [{ frame, width }] : [];
    });
    const newest = Math.max(...sized.map(({ frame }) => frame.receivedAt));
    const [first] = sized
      .filter(({ frame }) => newest - frame.receivedAt <= SAME_TIME)
      .sort((a, b) => rank(a.width) - rank(b.width));
    if (first) chosen.set(camera, first.frame);
  }
  return chosen;
}

/** The widest that is not too wide; of those that are, the narrowest. */
function rank(width: number): number {
  return width <= WIDEST ? WIDEST - width : width;
}
