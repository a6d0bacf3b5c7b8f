import type { LiveReason } from '../../daemon/schema.ts';
import { say, type WallText } from '../i18n/wallTexts.ts';
import { LivePicture } from '../player/livePicture.ts';
import type { LiveSocket } from '../player/liveSocket.ts';
import type { Picture, PictureWish } from './picture.ts';
import type { PictureReport } from './pictureAge.ts';

const NOTES: Record<Exclude<LiveReason, 'wished'>, WallText> = {
  codec: 'wayCodec',
  source: 'waySource',
  bandwidth: 'wayBandwidth',
};

/** A picture of the page's live socket, for browsers elsewhere. It mends itself: the socket and its player watch over it. */
export class RemotePicture implements Picture {
  readonly viewer: string;
  readonly openedAt = performance.now();
  readonly element = document.createElement('div');
  readonly pixels = undefined;
  paintedAt: number | undefined;
  proof = undefined;
  unprovable = true;
  #wish: PictureWish;
  #live: LivePicture;
  #hopeless: () => boolean;

  /** @param hopeless whether something keeps the live socket away from this page for good */
  constructor(
    { socket, hopeless }: { socket: LiveSocket; hopeless: () => boolean },
    viewer: string,
    wish: PictureWish,
    changed: () => void,
  ) {
    this.viewer = viewer;
    this.#wish = wish;
    this.#hopeless = hopeless;
    this.#live = new LivePicture(socket, bounds(wish), {
      changed,
      painted: () => {
        if (this.paintedAt !== undefined) return;
        this.paintedAt = performance.now();
        changed();
      },
    });
    this.element.className = 'remote';
    this.element.append(this.#live.host);
  }

  /** Otherwise it tries again by itself. */
  get failed(): boolean {
    return this.#hopeless();
  }

  get wish(): PictureWish {
    return this.#wish;
  }

  /** Known at any moment, not twice a second: the box says when it had each picture. */
  get report(): PictureReport | undefined {
    const at = performance.now();
    const age = this.#live.age(at);
    return age === undefined ? undefined : { ageMs: age, unchangedMs: null, at };
  }

  get note(): string {
    const { reason } = this.#live;
    return reason === undefined || reason === 'wished' ? '' : say(NOTES[reason]);
  }

  show(): void {
    this.element.classList.add('painted');
  }

  /** Another size is the same picture. Another stream is one of its own, so that this one stays until that has come. */
  adapt(wish: PictureWish): boolean {
    if (wish.camera !== this.#wish.camera || wish.stream !== this.#wish.stream) return false;
    this.#wish = wish;
    this.#live.change(bounds(wish));
    return true;
  }

  reported(): void {}
  unreported(): void {}
  excused(): void {}
  unknownFor(): number {
    return 0;
  }

  close(): void {
    this.#live.close();
    this.element.remove();
  }
}

function bounds({ camera, stream, width, height }: PictureWish) {
  return { stream, subject: camera, width, height };
}
