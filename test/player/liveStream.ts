import { atTime, type Clip, type ClipPicture, TIMESCALE } from './clip.ts';

/** One picture of a camera that plays a clip for ever. */
export interface StreamPicture {
  readonly clip: ClipPicture;
  /** Its MP4 fragment at the stream's own time. */
  readonly fragment: Buffer;
  /** When the box had it, Unix milliseconds. */
  readonly time: number;
}

/** Seconds of the stream's time at the beginning: a box that has been on for a day. */
const BEGINNING = 86_400;

/** A camera: one clock for all who look. Remembers the pictures since the last key picture. */
export class LiveStream {
  readonly clip: Clip;
  readonly listeners = new Set<(picture: StreamPicture) => void>();
  /** Pictures are taken, but never arrive: a hole in the stream's times. */
  away = false;
  /** Milliseconds by which pictures come late, each by something else up to this. */
  jitter = 0;
  /** Times as long from one picture to the next: the light is poor. */
  slow = 1;
  group: StreamPicture[] = [];
  readonly #now: () => number;
  #dueAt = performance.now();
  #count = 0;
  /** Of the next picture, seconds of the stream's time. */
  #time = BEGINNING;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clip: Clip, now: () => number) {
    this.clip = clip;
    this.#now = now;
    this.#next();
  }

  #next(): void {
    const due = this.#dueAt + Math.random() * this.jitter;
    this.#timer = setTimeout(() => this.#take(), Math.max(0, due - performance.now()));
  }

  #take(): void {
    const { pictures, fps } = this.clip;
    const clip = pictures[this.#count++ % pictures.length]!;
    const at = this.#time;
    this.#time += this.slow / fps;
    this.#dueAt += (1_000 * this.slow) / fps;
    if (this.away) this.group = [];
    else {
      const fragment = atTime(clip.fragment, Math.round(at * TIMESCALE));
      const picture = { clip, fragment, time: this.#now() };
      if (clip.key) this.group = [];
      // Who comes back begins with a key picture.
      if (clip.key || this.group.length > 0) {
        this.group.push(picture);
        for (const listener of this.listeners) listener(picture);
      }
    }
    this.#next();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
