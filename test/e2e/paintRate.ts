import type { Page } from 'playwright-core';

/**
 * How many different pictures a second the page shows in its images `.painted` number `from` … `to - 1`, by the frame stamp
 * in each. Looks at every animation frame for so many seconds. Reads pixels of other origins: the browser must have been
 * started with --disable-web-security.
 */
export function paintRates(page: Page, from: number, to: number, seconds: number): Promise<number[]> {
  return page.evaluate<number[]>(`new Promise((resolve) => {
    const images = [...document.querySelectorAll('img.painted')].slice(${from}, ${to});
    const canvas = document.createElement('canvas');
    canvas.width = 32; // one pixel a cell of the stamp
    canvas.height = images.length;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    const seen = images.map(() => new Set());
    const begin = performance.now();
    const look = (now) => {
      images.forEach((image, row) => {
        const { naturalWidth: width, naturalHeight: height } = image;
        context.drawImage(image, 0, height / 40, width, 1, 0, row, 32, 1);
        const pixels = context.getImageData(0, row, 32, 1).data;
        let stamp = 0;
        for (let cell = 4; cell < 20; cell++) stamp = stamp * 2 + (pixels[4 * cell] > 127 ? 1 : 0);
        seen[row].add(stamp);
      });
      if (now - begin < ${seconds * 1000}) requestAnimationFrame(look);
      else resolve(seen.map((stamps) => (stamps.size * 1000) / (now - begin)));
    };
    requestAnimationFrame(look);
  })`);
}
