/** One tile: the camera's recordings at the deck's time, out of as many films as it takes. */
import { type Signal, signal } from '@preact/signals';
import { pictureUrl, type Span } from '../api/recordings.ts';
import { Film } from './film.ts';
import { endOfRun, isRecorded } from './spans.ts';
import { correction, FASTEST_SOUND } from './sync.ts';
import { AHEAD, type MediaWindow, windowFor } from './windows.ts';

/** none: nothing was recorded then · stills: the browser does not play the codec, so single pictures · failed: see `again` */
export type PlayerState = 'unknown' | 'none' | 'loading' | 'showing' | 'stills' | 'failed';

/** What the deck wants to see. Unix seconds. */
export interface Wish {
  at: number;
  playing: boolean;
  speed: number;
  sound: boolean;
  /** Films are to hold no connection. */
  whole: boolean;
}

/** Milliseconds between two attempts to open what could not be opened. */
const RETRY = 3_000;
/** Milliseconds between two films where the first ended too early, and seconds that it may be too short by. */
const REOPEN = 1_500;
const SHORT_END = 3;
/** Pixels; and milliseconds between two single pictures. */
const STILL_WIDTH = 960;
const STILL_PAUSE = 400;
/** Milliseconds that the video has to come by itself. */
const STILL_AFTER = 250;
/** Seconds: closer than this two moments are the same. */
const SAME = 0.0015;

export class Player {
  readonly camera: string;
  readonly host = document.createElement('div');
  readonly state: Signal<PlayerState> = signal('unknown');
  #film: Film | undefined;
  #next: Film | undefined;
  #still = document.createElement('img');
  #stillAt = -1;
  #stillSince = 0;
  #stillBusy = false;
  #unplayable = false;
  #whole = false;
  #failedAt = -Infinity;
  #openedAt = -Infinity;
  #loadingSince = 0;
  readonly #changed: () => void;

  /** @param changed something happened that the deck should look at */
  constructor(camera: string, changed: () => void) {
    this.camera = camera;
    this.#changed = changed;
    this.host.className = 'film';
    this.#still.alt = '';
    this.#still.className = 'still';
    this.#still.draggable = false;
    this.#still.hidden = true;
    this.host.append(this.#still);
  }

  /** Unix seconds of the picture on the screen. */
  get pictureAt(): number | undefined {
    return this.state.peek() === 'showing' ? this.#film?.pictureAt : undefined;
  }

  /** Seconds that one picture lasts. */
  get frame(): number {
    return this.#film?.frame ?? 0.04;
  }

  /** Natural size of the video. */
  get size(): { width: number; height: number } | undefined {
    const video = this.#film?.element;
    return video && video.videoWidth > 0 ? { width: video.videoWidth, height: video.videoHeight } : undefined;
  }

  /**
   * Brings the tile to where the deck is.
   * @param spans of this camera; undefined: not read yet
   * @returns whether the deck may go on
   */
  follow(wish: Wish, spans: readonly Span[] | undefined): boolean {
    const { at } = wish;
    this.#whole = wish.whole;
    if (wish.whole && this.#film && !this.#film.whole) this.#forget();
    if (!spans) return this.#become('loading');
    if (!isRecorded(spans, at)) {
      this.#film?.element.pause();
      this.#hideStill();
      return this.#become('none');
    }
    if (this.#unplayable) return this.#showStill(at);
    const film = this.#filmFor(at, spans);
    if (!film) return this.#become('failed');
    if (film.state === 'unplayable') {
      this.#unplayable = true;
      this.#film?.element.pause();
      return this.#showStill(at);
    }
    if (film.state === 'missing' || film.state === 'failed') {
      if (performance.now() - this.#failedAt > RETRY) this.#drop(film);
      return this.#become(film.state === 'missing' ? 'none' : 'failed');
    }
    this.#direct(film, wish);
    this.#prepare(film, wish, spans);
    if (film.pictureAt === undefined || !film.ready) {
      if (this.state.peek() !== 'showing') this.#showStill(at);
      return this.#become(film.ready ? 'showing' : 'loading');
    }
    this.#hideStill();
    return this.#become('showing');
  }

  /** Nothing moves, nothing is heard; for a page that nobody sees. */
  pause(): void {
    this.#film?.element.pause();
  }

  close(): void {
    this.#forget();
    this.#still.removeAttribute('src');
    this.host.remove();
  }

  #forget(): void {
    this.#film?.close();
    this.#next?.close();
    this.#film = undefined;
    this.#next = undefined;
  }

  /** What shows that moment: this film, the one that was prepared, or a new one. */
  #filmFor(at: number, spans: readonly Span[]): Film | undefined {
    if (this.#film?.covers(at)) return this.#film;
    if (this.#film && this.#endsSoon(this.#film, at)) return this.#film;
    if (this.#next?.covers(at)) {
      this.#film?.close();
      this.#film = this.#next;
      this.#next = undefined;
      this.#show(this.#film);
      return this.#film;
    }
    const window = this.#windowAfter(this.#film, at, spans);
    if (!window) return undefined;
    this.#film?.close();
    this.#film = this.#openFilm(window);
    this.#show(this.#film);
    return this.#film;
  }

  /** What is being written has a file a moment later than a name: its last picture stands until then. */
  #endsSoon(film: Film, at: number): boolean {
    const recent = performance.now() - this.#openedAt < REOPEN;
    return recent && film.state === 'open' && at >= film.to && at - film.to < SHORT_END;
  }

  /** Where a film ended early, because the camera's pictures changed their form, the next one begins there. */
  #windowAfter(film: Film | undefined, at: number, spans: readonly Span[]): MediaWindow | undefined {
    const window = windowFor(spans, at, this.#whole);
    if (!window || !film || film.state !== 'open') return window;
    const endedHere = film.asked.from === window.from && at >= film.to && film.to < film.asked.to;
    return endedHere ? { from: at, to: Math.max(window.to, at + 1) } : window;
  }

  #openFilm(window: MediaWindow): Film {
    this.#openedAt = performance.now();
    return new Film(this.camera, window, this.#whole, () => this.#changed());
  }

  #show(film: Film): void {
    if (!film.element.isConnected) this.host.prepend(film.element);
    film.element.classList.remove('ahead');
  }

  #drop(film: Film): void {
    film.close();
    if (this.#film === film) this.#film = undefined;
    this.#failedAt = performance.now();
  }

  #direct(film: Film, { at, playing, speed, sound }: Wish): void {
    const { element } = film;
    element.muted = !sound || speed > FASTEST_SOUND;
    if (!film.seekable) return;
    const want = Math.max(0, at - film.from);
    if (!playing) {
      if (!element.paused) element.pause();
      if (Math.abs(element.currentTime - want) > SAME) element.currentTime = want;
      return;
    }
    const next = correction({ want, shown: element.currentTime, speed });
    if (next.do === 'seek') element.currentTime = next.to;
    else if (element.playbackRate !== next.rate) element.playbackRate = next.rate;
    if (element.paused && !element.ended) element.play().catch(() => {});
  }

  /** The next film is there before this one ends. */
  #prepare(film: Film, { playing, speed }: Wish, spans: readonly Span[]): void {
    const left = film.to - (film.from + film.element.currentTime);
    if (!playing || left > AHEAD * Math.max(1, speed)) return;
    const begin = film.to + SAME;
    if (this.#next?.covers(begin) || endOfRun(spans, begin + 0.5) === undefined) return;
    const window = this.#windowAfter(film, begin, spans);
    if (!window || window.to - begin < 1 || this.#next?.asked.to === window.to) return;
    this.#next?.close();
    const next = this.#openFilm(window);
    this.#next = next;
    next.element.classList.add('ahead');
    next.element.addEventListener(
      'loadedmetadata',
      () => {
        next.element.currentTime = Math.max(0, begin - next.from);
      },
      { once: true },
    );
    this.host.prepend(next.element);
  }

  /** A single picture of that moment, the newest wish last; while the video comes, or in its place. */
  #showStill(at: number): boolean {
    const now = performance.now();
    const waited = this.#unplayable || now - this.#loadingSince > STILL_AFTER;
    const due =
      waited &&
      !this.#stillBusy &&
      now - this.#stillSince > STILL_PAUSE &&
      Math.abs(at - this.#stillAt) > 0.2;
    if (due) {
      this.#stillBusy = true;
      this.#stillSince = now;
      this.#stillAt = at;
      const next = new Image();
      const done = (shown: boolean) => {
        this.#stillBusy = false;
        if (shown && (this.#unplayable || this.state.peek() === 'loading')) {
          this.#still.src = next.src;
          this.#still.hidden = false;
        }
        this.#changed();
      };
      next.onload = () => done(true);
      next.onerror = () => done(false);
      next.src = pictureUrl(this.camera, at, STILL_WIDTH, this.#unplayable);
    }
    return this.#unplayable ? this.#become('stills') : false;
  }

  #hideStill(): void {
    this.#still.hidden = true;
    this.#stillAt = -1;
  }

  #become(state: PlayerState): boolean {
    if (this.state.peek() !== state) {
      if (state === 'loading') this.#loadingSince = performance.now();
      this.state.value = state;
    }
    return state !== 'loading';
  }
}
