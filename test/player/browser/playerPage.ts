/** A page of Chromium that plays from a LiveServer, with the sources as they are. */
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import { lumaFromRgba, readFrameStamp } from '../../virtual-camera/index.ts';
import type { LiveServer } from '../liveServer.ts';

/** The page's picture, in CSS pixels: as large as the clips. */
export const SIZE = { width: 640, height: 360 };

export interface Painted {
  /** When the box had the picture, Unix milliseconds. */
  time: number;
  /** When it was painted, of the page's clock. */
  at: number;
  /** Milliseconds that it was old then. */
  age: number;
}

export interface PlayerPageOptions {
  stream: string;
  formats?: string[];
  /** Run in the page before anything else. */
  before?: string;
  /** Of the page's address. */
  query?: string;
}

/**
 * Opens a page with one picture. In it are then `socket`, `picture`, `painted` (each picture painted since), and
 * `changes` (each state of the picture that was told).
 */
export async function openPlayer(
  browser: Browser,
  server: LiveServer,
  options: PlayerPageOptions,
): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE });
  if (options.before) await page.addInitScript(options.before);
  await page.goto(server.url + (options.query ?? ''));
  const wish = { stream: options.stream, ...SIZE, formats: options.formats };
  await page.evaluate(`(async () => {
    const { LiveSocket } = await import('/kiosk-ui/player/liveSocket.ts');
    const { LivePicture } = await import('/kiosk-ui/player/livePicture.ts');
    globalThis.painted = [];
    globalThis.changes = [];
    globalThis.wish = ${JSON.stringify(wish)};
    globalThis.socket = new LiveSocket();
    globalThis.picture = new LivePicture(socket, wish, {
      changed: () => changes.push({ format: picture?.format, reason: picture?.reason, stream: picture?.stream }),
      painted: (time) => painted.push({ time, at: performance.now(), age: picture.age() }),
    });
    Object.assign(picture.host.style, { position: 'fixed', inset: '0', background: '#000' });
    document.body.append(picture.host);
  })()`);
  return page;
}

export interface PictureSeen {
  stream: string;
  format: string | undefined;
  reason: string | undefined;
  age: number | undefined;
  rate: number;
  counts: { decoded: number; dropped: number; painted: number };
  /** Elements in the host, the old one among them while it leaves. */
  elements: string[];
}

export function pictureOf(page: Page): Promise<PictureSeen> {
  return page.evaluate(`({
    stream: picture.stream, format: picture.format, reason: picture.reason, age: picture.age(),
    rate: picture.rate, counts: picture.counts,
    elements: [...picture.host.children].map((element) => element.tagName),
  })`);
}

export function paintedSince(page: Page, index = 0): Promise<Painted[]> {
  return page.evaluate(`painted.slice(${index})`);
}

/** The frame stamp that is on the screen; undefined: none is, it is black. */
export async function stampOnScreen(page: Page): Promise<number | undefined> {
  const { data, width, height } = jpeg.decode(await page.screenshot({ type: 'jpeg', quality: 95 }), {
    useTArray: true,
  });
  return readFrameStamp(lumaFromRgba(data, width, height), width, height);
}

/** How many different pictures the page shows in so many seconds, by the stamp in them at each frame of the screen. */
export function picturesShown(page: Page, seconds: number): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const canvas = new OffscreenCanvas(32, 1);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    let shown = 0;
    let last;
    const begin = performance.now();
    const look = (now) => {
      const element = [...picture.host.children].sort((a, b) => b.style.zIndex - a.style.zIndex)[0];
      const width = element.videoWidth ?? element.width;
      const height = element.videoHeight ?? element.height;
      context.drawImage(element, 0, height / 40, width, 1, 0, 0, 32, 1);
      const { data } = context.getImageData(0, 0, 32, 1);
      let stamp = 0;
      for (let cell = 4; cell < 20; cell++) stamp = stamp * 2 + (data[4 * cell] > 127 ? 1 : 0);
      if (stamp !== last) shown++;
      last = stamp;
      if (now - begin < ${seconds * 1000}) requestAnimationFrame(look);
      else resolve(shown);
    };
    requestAnimationFrame(look);
  })`);
}

/** The middle one, and that which nineteen of twenty stay below. */
export function quantiles(values: readonly number[]): { p50: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(10 * (sorted[Math.floor(share * sorted.length)] ?? Number.NaN)) / 10;
  return { p50: at(0.5), p95: at(0.95) };
}
