import { firstLook, nextLook } from './paintProof.ts';
import type { Picture } from './picture.ts';
import { pixelHash } from './pixelHash.ts';

/** Few pixels tell nearly everything; where they do not, many are looked at. */
const SMALL = { width: 16, height: 9 };
const LARGE = { width: 640, height: 360 };

/** Reads back what the pictures on the screen are. One for the page: it keeps two small canvases. */
export class PixelSample {
  #small = canvas(SMALL);
  #large: CanvasRenderingContext2D | null | undefined;
  #told = false;

  /** Looks at one picture, and keeps on it what was seen. `now` in milliseconds of the page's clock. */
  look(picture: Picture, now: number): void {
    const { pixels } = picture;
    if (picture.unprovable || !pixels || pixels.naturalWidth === 0) return;
    try {
      const small = hashOf(this.#small, pixels);
      const { proof } = picture;
      picture.proof = proof
        ? nextLook(
            proof,
            small,
            () => {
              this.#large ??= canvas(LARGE);
              return hashOf(this.#large, pixels);
            },
            now,
          )
        : firstLook(small, now);
    } catch (error) {
      // Pixels of another address that the daemon does not share (an old daemon, a proxy between).
      picture.unprovable = true;
      picture.proof = undefined;
      if (!this.#told) console.info('What pictures paint cannot be read back here:', String(error));
      this.#told = true;
    }
  }
}

function canvas({ width, height }: typeof SMALL): CanvasRenderingContext2D | null {
  const element = document.createElement('canvas');
  element.width = width;
  element.height = height;
  const context = element.getContext('2d', { willReadFrequently: true, alpha: false });
  if (context) context.imageSmoothingEnabled = false;
  return context;
}

function hashOf(context: CanvasRenderingContext2D | null, image: HTMLImageElement): number {
  if (!context) throw new Error('no canvas');
  const { width, height } = context.canvas;
  // What draws nothing must not pass for the picture that was drawn before it.
  context.clearRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return pixelHash(new Uint32Array(context.getImageData(0, 0, width, height).data.buffer));
}
