/** One piece of a camera's recordings as a video element: it opens it, and knows which moment it shows. */
import { mediaUrl } from '../api/recordings.ts';
import type { MediaWindow } from './windows.ts';

/** unplayable: the browser does not know the codec · missing: there is nothing of that time */
export type FilmState = 'opening' | 'open' | 'missing' | 'failed' | 'unplayable';

/** Milliseconds. */
const OPEN_LIMIT = 15_000;
const WHOLE_LIMIT = 60_000;
/** What a picture lasts until one has been seen: 25 a second. */
const USUAL_FRAME = 0.04;
/** Longer ones are gaps. */
const LONGEST_FRAME = 1;
/** The browser's word, by its own numbers. */
const NOT_SUPPORTED = 4;
const DECODE_ERROR = 3;

export class Film {
  readonly element = document.createElement('video');
  /** What was asked for. */
  readonly asked: MediaWindow;
  state: FilmState = 'opening';
  /** Unix seconds of media time 0, and of the end. What was asked for until the box has said. */
  from: number;
  to: number;
  /** Unix seconds of the picture that is on the screen; undefined before the first. */
  pictureAt: number | undefined;
  /** Seconds that a picture lasts. */
  frame = USUAL_FRAME;
  /** Loaded as a whole, then played out of memory: it holds no connection. */
  readonly whole: boolean;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #closed = false;
  #pictures = -1;
  /** Of what is in memory. */
  #address: string | undefined;

  constructor(camera: string, asked: MediaWindow, whole: boolean, changed: () => void) {
    this.asked = asked;
    this.whole = whole;
    this.from = asked.from;
    this.to = asked.to;
    this.#changed = changed;
    const { element } = this;
    element.muted = true;
    element.playsInline = true;
    element.preload = 'auto';
    element.disableRemotePlayback = true;
    element.tabIndex = -1;
    element.onerror = () => {
      const code = element.error?.code;
      this.#become(code === NOT_SUPPORTED || code === DECODE_ERROR ? 'unplayable' : 'failed');
    };
    for (const event of ['seeked', 'loadeddata', 'canplay', 'waiting', 'ended'] as const)
      element.addEventListener(event, changed);
    this.#watch();
    void this.#open(mediaUrl(camera, asked.from, asked.to));
  }

  /** Whether that time is this film's, as far as is known. */
  covers(at: number): boolean {
    return at >= Math.min(this.asked.from, this.from) - 0.05 && at < this.to;
  }

  /** Ready to show the moment that it stands at. */
  get ready(): boolean {
    const { element } = this;
    return this.state === 'open' && !element.seeking && element.readyState >= element.HAVE_CURRENT_DATA;
  }

  /** A new moment can be asked for. */
  get seekable(): boolean {
    const { element } = this;
    return this.state === 'open' && !element.seeking && element.readyState >= element.HAVE_METADATA;
  }

  close(): void {
    this.#closed = true;
    this.#abort.abort();
    const { element } = this;
    element.onerror = null;
    element.removeAttribute('src');
    // Otherwise the browser goes on loading what nobody sees.
    element.load();
    element.remove();
    if (this.#address !== undefined) URL.revokeObjectURL(this.#address);
  }

  /** Where media time 0 lies in the day stands in a header, which a video element does not tell. */
  async #open(url: string): Promise<void> {
    try {
      const signal = AbortSignal.any([
        this.#abort.signal,
        AbortSignal.timeout(this.whole ? WHOLE_LIMIT : OPEN_LIMIT),
      ]);
      const method = this.whole ? 'GET' : 'HEAD';
      const answer = await fetch(url, { method, cache: 'no-store', signal });
      if (this.#closed) return;
      if (!answer.ok) return this.#become(answer.status === 404 ? 'missing' : 'failed');
      const from = Number(answer.headers.get('x-walleye-from'));
      const to = Number(answer.headers.get('x-walleye-to'));
      if (from > 0) this.from = from;
      if (to > 0) this.to = to;
      if (this.whole) {
        const blob = await answer.blob();
        if (this.#closed) return;
        this.#address = URL.createObjectURL(blob);
      }
      this.element.src = this.#address ?? url;
      this.#become('open');
    } catch {
      if (!this.#closed) this.#become('failed');
    }
  }

  #become(state: FilmState): void {
    if (this.#closed) return;
    this.state = state;
    this.#changed();
  }

  /** Listens to every picture that is painted. Browsers without that tell the time of the clock only. */
  #watch(): void {
    const { element } = this;
    if (!('requestVideoFrameCallback' in element)) return;
    element.requestVideoFrameCallback((_now, { mediaTime, presentedFrames }) => {
      if (this.#closed) return;
      const at = this.from + mediaTime;
      const lasted = at - (this.pictureAt ?? at);
      if (presentedFrames === this.#pictures + 1 && lasted > 0 && lasted < LONGEST_FRAME && !element.paused)
        this.frame = lasted;
      this.#pictures = presentedFrames;
      this.pictureAt = at;
      this.#changed();
      this.#watch();
    });
  }
}
