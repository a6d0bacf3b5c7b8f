import type { MjpegViewer } from './mjpeg.ts';

/** The open M-JPEG viewers that carry a `page.tile` id, so that a page can be told how old each of its tiles is. */
export class Viewers {
  #byPage = new Map<string, Set<MjpegViewer>>();
  #total = 0;

  /** The returned function removes it. */
  add(viewer: MjpegViewer): () => void {
    this.#total++;
    const page = viewer.id?.split('.')[0];
    if (page === undefined) return () => void this.#total--;
    const viewers = this.#byPage.get(page) ?? new Set();
    this.#byPage.set(page, viewers);
    viewers.add(viewer);
    return () => {
      this.#total--;
      viewers.delete(viewer);
      if (viewers.size === 0) this.#byPage.delete(page);
    };
  }

  ofPage(page: string): Iterable<MjpegViewer> {
    return this.#byPage.get(page) ?? [];
  }

  /** All open M-JPEG responses, with and without an id. */
  get total(): number {
    return this.#total;
  }
}
