import { readTimes, timescaleOf } from '../fragmentTimes.ts';
import { mediaSourceClass } from '../mediaSources.ts';

/** Fragments that may wait to be appended: beyond, the oldest are left out. */
const MOST_WAITING = 50;
/** Seconds that are kept behind what is played, and by how much that is exceeded before anything is removed. */
const KEPT = 5;
const SLACK = 5;

interface Piece {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Of an initialisation segment. */
  readonly mime: string | undefined;
}

/** What goes into the SourceBuffer of an `<audio>`, in order, and out of it again; and when what is played was heard by the box. */
export class SoundBuffer {
  readonly #source: MediaSource;
  readonly #audio: HTMLAudioElement;
  readonly #failed: (why: string) => void;
  readonly #appended: () => void;
  #buffer: SourceBuffer | undefined;
  #mime = '';
  #timescale: number | undefined;
  #waiting: Piece[] = [];
  /** To be added to a position to get Unix milliseconds of the box's clock. */
  #offset: number | undefined;

  constructor(
    source: MediaSource,
    audio: HTMLAudioElement,
    events: { appended: () => void; failed: (why: string) => void },
  ) {
    this.#source = source;
    this.#audio = audio;
    this.#failed = events.failed;
    this.#appended = events.appended;
    source.addEventListener('sourceopen', this.#pump);
  }

  /** @returns false: the browser does not play that */
  init(payload: Uint8Array<ArrayBuffer>): boolean {
    const end = 1 + (payload[0] ?? 0);
    const codec = String.fromCharCode(...payload.subarray(1, end));
    const mime = `audio/mp4; codecs="${codec}"`;
    const segment = payload.subarray(end);
    this.#timescale = timescaleOf(segment);
    if (!/^[A-Za-z0-9.]+$/.test(codec) || !this.#timescale) return false;
    if (mediaSourceClass()?.isTypeSupported(mime) !== true) return false;
    this.#add({ data: segment, mime });
    return true;
  }

  /** @param time when the first of its samples was heard, Unix milliseconds of the box's clock */
  fragment(data: Uint8Array<ArrayBuffer>, time: number): void {
    const times = readTimes(data);
    if (!times || !this.#timescale) return;
    this.#offset = time - (times.decode / this.#timescale) * 1000;
    if (this.#waiting.length > MOST_WAITING) this.#waiting = this.#waiting.filter(({ mime }) => mime);
    this.#add({ data, mime: undefined });
  }

  /** When what is played was heard, Unix milliseconds of the box's clock. */
  get playedTime(): number | undefined {
    return this.#offset === undefined ? undefined : this.#audio.currentTime * 1000 + this.#offset;
  }

  /** Of the newest sample. */
  get end(): number | undefined {
    const { buffered } = this.#audio;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : undefined;
  }

  /** Where the sound goes on, where there is a hole at the position; undefined: there is none, or nothing behind it. */
  get behindHole(): number | undefined {
    const { buffered, currentTime } = this.#audio;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.end(i) > currentTime + 0.02)
        return buffered.start(i) > currentTime ? buffered.start(i) : undefined;
    return undefined;
  }

  close(): void {
    this.#waiting = [];
    this.#source.removeEventListener('sourceopen', this.#pump);
    this.#buffer?.removeEventListener('updateend', this.#updated);
  }

  #add(piece: Piece): void {
    this.#waiting.push(piece);
    this.#pump();
  }

  readonly #pump = (): void => {
    if (this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    const next = this.#waiting.shift();
    if (!next) {
      this.#trim();
      return;
    }
    try {
      if (next.mime) this.#prepare(next.mime);
      this.#buffer?.appendBuffer(next.data);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  };

  #prepare(mime: string): void {
    if (!this.#buffer) {
      this.#source.duration = Infinity;
      this.#buffer = this.#source.addSourceBuffer(mime);
      this.#buffer.addEventListener('updateend', this.#updated);
      this.#buffer.addEventListener('error', () => this.#failed('the browser does not understand the sound'));
    } else if (mime !== this.#mime) this.#buffer.changeType(mime);
    this.#mime = mime;
  }

  #trim(): void {
    const { buffered, currentTime } = this.#audio;
    if (buffered.length === 0 || currentTime - buffered.start(0) < KEPT + SLACK) return;
    this.#buffer?.remove(0, currentTime - KEPT);
  }

  readonly #updated = (): void => {
    this.#appended();
    this.#pump();
  };
}
