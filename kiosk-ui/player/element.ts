/** `<walleye-camera>`: a live picture of a Walleye box in any page. README.md says how. */
import type { Camera } from '../../daemon/schema.ts';
import { pictureBounds } from '../wall/pictureUrl.ts';
import { chooseStream, type Fit } from '../wall/streamChoice.ts';
import { urlOf } from './boxAddress.ts';
import { type ElementState, elementState, wordsOf } from './elementState.ts';
import { ElementView } from './elementView.ts';
import { formatsIn } from './formats.ts';
import { Listening } from './listening.ts';
import { LivePicture, type PictureWish } from './livePicture.ts';
import { findCamera, shareBox } from './sharedBoxes.ts';
import type {
  WalleyeCamera as Public,
  WalleyePaintedDetail,
  WalleyeSoundDetail,
  WalleyeStateDetail,
} from './walleye-camera.d.ts';

/** Milliseconds. */
const BEAT = 250;
/** A page that is being made larger or smaller says so sixty times a second. */
const RESIZE_PAUSE = 300;
const CAMERAS_PAUSE = 10_000;
/** States in which the picture is as good as live. */
const CALM: ReadonlySet<ElementState['kind']> = new Set(['live', 'late', 'connecting']);

export class WalleyeCamera extends HTMLElement implements Public {
  static readonly observedAttributes = [
    'src',
    'token',
    'camera',
    'stream',
    'format',
    'fit',
    'label',
    'sound',
  ];
  readonly #view = new ElementView(this.attachShadow({ mode: 'open' }));
  #shared: ReturnType<typeof shareBox> | undefined;
  #picture: LivePicture | undefined;
  /** Of the attribute `camera`, once the box has named its streams. */
  #found: Camera | undefined;
  #problem: string | undefined;
  /** What the picture was asked for. */
  #asked: PictureWish | undefined;
  #openedAt = 0;
  #size: { width: number; height: number } | undefined;
  #state: ElementState = { kind: 'empty' };
  #said = '';
  #listening: Listening | undefined;
  #volume = 1;
  #soundSaid = '';
  readonly #resize = new ResizeObserver((entries) => this.#measured(entries.at(-1)));
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;

  get state(): WalleyeStateDetail {
    const { title, note } = this.#words();
    return {
      state: this.#state.kind,
      title,
      sentence: note,
      age: this.#picture?.age(),
      stream: this.#picture?.stream,
      format: this.#picture?.format,
      reason: this.#picture?.reason,
    };
  }

  get rate(): number {
    return this.#picture?.rate ?? 0;
  }

  get counts(): LivePicture['counts'] {
    return this.#picture?.counts ?? { decoded: 0, dropped: 0, painted: 0 };
  }

  /** Sound of this camera is wanted. Set it where somebody touched the page: browsers allow it nowhere else. */
  get listening(): boolean {
    return this.#listening !== undefined;
  }

  set listening(on: boolean) {
    const { socket } = this.#shared?.box ?? {};
    const stream = this.#picture?.stream ?? this.#wish()?.stream;
    if (!on || !socket || !stream) this.#listening?.close();
    else if (!this.#listening)
      this.#listening = new Listening({
        ...{ socket, stream, volume: this.#volume },
        pictureAge: () => this.#picture?.age(),
        changed: () => this.#tellSound(),
      });
    this.#tellSound();
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(1, Math.max(0, Number(volume) || 0));
    if (this.#listening) this.#listening.volume = this.#volume;
  }

  get sound(): WalleyeSoundDetail {
    const { state = 'off', level, age } = this.#listening ?? {};
    return { state, level, age, available: this.#picture?.state?.sound === true };
  }

  #tellSound(): void {
    if (this.#listening?.state === 'off') this.#listening = undefined;
    const { state, level, available } = this.sound;
    const on = available && this.hasAttribute('sound') ? this.listening : undefined;
    this.#view.showSound(
      on,
      this.getAttribute(on ? 'text-mute' : 'text-listen') ?? (on ? 'Mute' : 'Listen'),
      level,
    );
    const said = `${state} ${available}`;
    if (said === this.#soundSaid) return;
    this.#soundSaid = said;
    this.dispatchEvent(new CustomEvent('walleye-sound', { detail: this.sound }));
  }

  connectedCallback(): void {
    this.#view.sound.onclick = () => {
      this.listening = !this.listening;
    };
    this.#resize.observe(this);
    this.#beat = setInterval(() => this.#tell(), BEAT);
    this.#join();
  }

  disconnectedCallback(): void {
    this.#resize.disconnect();
    clearInterval(this.#beat);
    clearTimeout(this.#resizeTimer);
    this.#leave();
    this.#size = undefined;
  }

  /** `moveBefore()` leaves the picture playing. */
  connectedMoveCallback(): void {}

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    // Not `isConnected`: of an element in the page’s HTML that is true before it is told so.
    if (before === after || !this.#shared) return;
    if (name === 'src' || name === 'token') {
      this.#leave();
      this.#join();
    } else if (name === 'camera' || name === 'stream') this.#look();
    this.#update();
  }

  #join(): void {
    const base = this.getAttribute('src');
    this.#shared = shareBox({
      // As addresses are in a page: it may be relative.
      base: base ? (urlOf(base, document.baseURI)?.href ?? base) : location.origin,
      token: this.getAttribute('token') || undefined,
    });
    this.#openedAt = performance.now();
    this.#look();
    this.#update();
  }

  #leave(): void {
    this.#close();
    clearTimeout(this.#lookTimer);
    this.#shared?.release();
    this.#shared = undefined;
  }

  #close(): void {
    this.listening = false;
    this.#picture?.close();
    this.#picture = undefined;
  }

  #measured(entry: ResizeObserverEntry | undefined): void {
    if (!entry) return;
    const { width, height, ratio } = pixelsOf(entry);
    const first = this.#size === undefined;
    this.#size = width > 0 && height > 0 ? pictureBounds(width, height, ratio) : undefined;
    clearTimeout(this.#resizeTimer);
    if (first) this.#update();
    else this.#resizeTimer = setTimeout(() => this.#update(), RESIZE_PAUSE);
  }

  /** Brings the picture to what the attributes and the element's size say. */
  #update(): void {
    const wish = this.#wish();
    const { socket } = this.#shared?.box ?? {};
    // What takes no room nobody sees.
    if (!wish || !socket) this.#close();
    else if (this.#picture) {
      const { stream, subject } = wish;
      const before = this.#asked;
      this.#picture.change(wish);
      if (before && (before.subject ?? before.stream) !== (subject ?? stream)) this.listening = false;
    } else {
      this.#openedAt = performance.now();
      this.#picture = new LivePicture(socket, wish, {
        changed: () => this.#tell(),
        painted: (time) => this.#painted(time),
      });
      this.#view.picture.replaceChildren(this.#picture.host);
    }
    this.#asked = wish;
    this.#tell();
  }

  #wish(): PictureWish | undefined {
    const size = this.#size;
    if (!size) return undefined;
    const formats = formatsIn(this.getAttribute('format'));
    const more = { ...size, ...(formats && { formats }) };
    const stream = this.getAttribute('stream');
    if (stream) return { stream, ...more };
    const found = this.#found;
    const fit = (this.getAttribute('fit') ?? 'contain') as Fit;
    const chosen =
      found &&
      chooseStream(
        found.streams,
        { ...size, fit, fullScreen: false },
        ({ state }) => state,
        () => false,
      );
    return chosen && { stream: chosen.name, subject: found.id, ...more };
  }

  /** Asks the box for the camera's streams, until it says them. The camera before stays until then. */
  #look(): void {
    clearTimeout(this.#lookTimer);
    this.#problem = undefined;
    const camera = this.getAttribute('camera');
    const { box } = this.#shared ?? {};
    if (!camera || this.getAttribute('stream')) this.#found = undefined;
    else if (box) {
      const isAsked = () => box === this.#shared?.box && camera === this.getAttribute('camera');
      void findCamera(box, camera).then((found) => isAsked() && this.#learn(found));
    }
  }

  #learn(found: Camera | string): void {
    this.#found = typeof found === 'string' ? undefined : found;
    this.#problem = typeof found === 'string' ? found : undefined;
    if (typeof found === 'string') {
      console.warn(`walleye-camera: ${found}`);
      this.#lookTimer = setTimeout(() => this.#look(), CAMERAS_PAUSE);
    }
    this.#update();
  }

  #painted(time: number): void {
    const detail: WalleyePaintedDetail = { time, age: this.#picture?.age() };
    this.dispatchEvent(new CustomEvent('walleye-painted', { detail }));
    if (this.#state.kind !== 'live') this.#tell();
  }

  #words() {
    const proven = this.#shared?.box.socket.connection.proven ?? false;
    return wordsOf(this.#state, (name) => this.getAttribute(name), Date.now(), proven);
  }

  /** Writes on the element what is true now, and says so when that is something else than before. */
  #tell(): void {
    const { socket } = this.#shared?.box ?? {};
    if (!socket) return;
    const { connection } = socket;
    const picture = this.#picture;
    this.#state = elementState({
      now: performance.now(),
      empty: !this.getAttribute('stream') && !this.getAttribute('camera'),
      problem: this.#problem ?? connection.problem,
      downSince: connection.open ? undefined : connection.since,
      proven: connection.proven,
      openedAt: this.#openedAt,
      stream: picture?.state,
      error: picture?.error?.message,
      age: picture?.age(),
    });
    const words = this.#words();
    const label = this.getAttribute('label');
    const name = label === null ? '' : label || this.#found?.name || (this.getAttribute('stream') ?? '');
    this.#view.show(words, name, !CALM.has(this.#state.kind));
    this.#tellSound();
    const { age: _, ...detail } = this.state;
    const said = JSON.stringify(detail);
    if (said === this.#said) return;
    this.#said = said;
    this.dispatchEvent(new CustomEvent('walleye-state', { detail: this.state }));
  }
}

/** Device pixels, where the browser says them (Safari does not). */
function pixelsOf({ contentRect, devicePixelContentBoxSize }: ResizeObserverEntry) {
  const [exact] = devicePixelContentBoxSize ?? [];
  if (exact) return { width: exact.inlineSize, height: exact.blockSize, ratio: 1 };
  return { width: contentRect.width, height: contentRect.height, ratio: devicePixelRatio };
}

if (!customElements.get('walleye-camera')) customElements.define('walleye-camera', WalleyeCamera);
