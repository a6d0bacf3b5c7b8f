import { readLastPicture } from '../api/client.ts';

/** The picture that was kept of a camera, beneath a tile's live ones until the first of those is there. */
export class Still {
  #host: HTMLElement;
  #changed: () => void;
  #camera: string | undefined;
  #image: HTMLImageElement | undefined;
  #from: number | undefined;

  constructor(host: HTMLElement, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  /** When the picture on the screen was taken, Unix seconds; undefined where there is none. */
  get from(): number | undefined {
    return this.#from;
  }

  /** Shows the last picture of that camera, asked for once; undefined: takes it away. */
  want(camera: string | undefined): void {
    if (this.#camera === camera) return;
    this.close();
    this.#camera = camera;
    if (camera !== undefined) void this.#load(camera);
  }

  async #load(camera: string): Promise<void> {
    const last = await readLastPicture(camera);
    if (!last || this.#camera !== camera) return;
    const image = document.createElement('img');
    image.alt = '';
    image.draggable = false;
    image.className = 'still';
    const url = URL.createObjectURL(last.blob);
    const settled = (good: boolean) => {
      URL.revokeObjectURL(url);
      if (this.#image !== image) return;
      if (good) this.#from = last.time;
      else this.#drop();
      this.#changed();
    };
    image.onload = () => settled(true);
    image.onerror = () => settled(false);
    image.src = url;
    this.#image = image;
    this.#host.prepend(image);
  }

  #drop(): void {
    const image = this.#image;
    image?.remove();
    this.#image = undefined;
    this.#from = undefined;
  }

  close(): void {
    this.#drop();
    this.#camera = undefined;
  }
}
