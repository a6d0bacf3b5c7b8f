import type { LivePart, PicturePart } from './liveMessage.ts';
import { fill, Player, type PlayerEvents } from './player.ts';

/** JPEGs in a row that are none: the box sends something else than it says. */
const MOST_BROKEN = 10;

/**
 * JPEGs, decoded beside the page's thread, on a canvas. While one is decoded the newest of those that come waits; the others are
 * never looked at.
 */
export class JpegPlayer extends Player {
  readonly element = document.createElement('canvas');
  readonly #show: (bitmap: ImageBitmap) => void;
  #decoding = false;
  #next: PicturePart | undefined;
  #broken = 0;
  #closed = false;

  constructor(events: PlayerEvents) {
    super(events);
    fill(this.element);
    this.#show = painter(this.element);
  }

  push(part: LivePart): void {
    if (part.kind !== 'jpeg' || part.past || this.#closed) return;
    if (this.#next) this.counts.dropped++;
    this.#next = part;
    if (!this.#decoding) void this.#decode();
  }

  async #decode(): Promise<void> {
    this.#decoding = true;
    for (let part = this.#take(); part; part = this.#take()) {
      const bitmap = await createImageBitmap(new Blob([part.data], { type: 'image/jpeg' })).catch(
        () => undefined,
      );
      if (this.#closed) bitmap?.close();
      else if (bitmap) this.#paint(bitmap, part.time);
      else this.#failed();
    }
    this.#decoding = false;
  }

  #take(): PicturePart | undefined {
    const part = this.#closed ? undefined : this.#next;
    this.#next = undefined;
    return part;
  }

  #paint(bitmap: ImageBitmap, time: number): void {
    this.#broken = 0;
    this.counts.decoded++;
    this.#show(bitmap);
    this.painted(time);
  }

  #failed(): void {
    this.counts.dropped++;
    if (++this.#broken === MOST_BROKEN)
      this.events.failed(`${MOST_BROKEN} JPEGs in a row could not be decoded`);
  }

  close(): void {
    this.#closed = true;
    this.#next = undefined;
    this.element.remove();
  }
}

/** Puts a bitmap on the canvas and frees it. `bitmaprenderer` hands it over without drawing. */
function painter(canvas: HTMLCanvasElement): (bitmap: ImageBitmap) => void {
  const renderer = canvas.getContext('bitmaprenderer');
  const context = renderer ? null : canvas.getContext('2d', { alpha: false });
  return (bitmap) => {
    // `object-fit` goes by these, also where the bitmap is the canvas's whole content.
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    if (renderer) {
      renderer.transferFromImageBitmap(bitmap);
      return;
    }
    context?.drawImage(bitmap, 0, 0);
    bitmap.close();
  };
}
