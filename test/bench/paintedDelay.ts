/** The same in Chromium: by the numbers in the pictures that it paints. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { noBrowser } from '../e2e/browser.ts';
import { until } from '../e2e/until.ts';
import { STAMP_HEIGHT } from '../virtual-camera/frameStamp.ts';
import { readFrameStamp } from '../virtual-camera/index.ts';
import { percentile } from './figures.ts';
import type { MeasureContext } from './measure.ts';
import { launchForDaemon, openOnDaemon } from './pageOnDaemon.ts';
import { SentTimes } from './sentTimes.ts';
import type { Cameras, Daemon } from './setUp.ts';

/** Of the element, CSS pixels; the small stream's. */
const SIZE = { width: 640, height: 360 };
/** Pixels of a strip as the page reads it. */
const STRIP = { width: 320, height: Math.ceil(180 * STAMP_HEIGHT) };
const SETTLE = 5_000;
/** Of the 95th percentile from the camera's sending to the screen, milliseconds. */
export const MOST_DELAY = 250;
/** Of the median until a tile that is opened shows something, milliseconds. */
const MOST_TO_FIRST = 300;
const STYLE = 'body{margin:0;background:#000}walleye-camera{width:640px;height:360px}';

export interface BrowserDelayOptions {
  daemon: Daemon;
  cameras: Cameras;
  seconds: number;
  joins: number;
  /** Seconds between key pictures of the camera that is joined. */
  longGop: number;
}

export async function delayInBrowser(context: MeasureContext, options: BrowserDelayOptions): Promise<void> {
  const { figures, step } = context;
  if (noBrowser) {
    step(`left out: ${noBrowser}`);
    return;
  }
  const browser = await launchForDaemon();
  try {
    step('delay in Chromium');
    const page = await browser.newPage({ viewport: SIZE });
    await openOnDaemon(page, options.daemon.url, STYLE, PLAYER);
    const delays = await paintedDelays(page, options);
    for (const percent of [50, 95])
      figures.add(
        `pass-through, delay camera → painted in Chromium, sub, p${percent}`,
        percentile(delays, percent),
        'ms',
        percent === 95 ? MOST_DELAY : undefined,
      );
    step(`${options.joins} joins in Chromium`);
    const times = await joinTimes(page, options);
    for (const percent of [50, 95])
      figures.add(
        `pass-through, first picture painted in Chromium, long_sub, p${percent}`,
        percentile(times, percent),
        'ms',
        percent === 50 ? MOST_TO_FIRST : undefined,
      );
  } finally {
    await browser.close();
  }
}

const PLAYER = '<script type="module" src="/player/walleye-camera.js"></script>';

/** Notes the strip of each picture that is painted, and when it was to be on the screen. In the page. */
const WATCH = `(() => {
  const camera = document.createElement('walleye-camera');
  camera.setAttribute('stream', 'cam1_sub');
  camera.setAttribute('format', 'mp4');
  document.body.replaceChildren(camera);
  const canvas = new OffscreenCanvas(${STRIP.width}, ${STRIP.height});
  const context = canvas.getContext('2d', { willReadFrequently: true });
  globalThis.strips = [];
  const begin = () => {
    const video = camera.shadowRoot?.querySelector('video'); // the module may not be there yet
    if (!video) return setTimeout(begin, 50);
    const note = (now, { expectedDisplayTime }) => {
      const { videoWidth: width, videoHeight: height } = video;
      context.drawImage(video, 0, 0, width, height * ${STAMP_HEIGHT}, 0, 0, ${STRIP.width}, ${STRIP.height});
      const { data } = context.getImageData(0, 0, ${STRIP.width}, ${STRIP.height});
      strips.push({
        at: performance.timeOrigin + expectedDisplayTime,
        luma: Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 1]),
      });
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  };
  begin();
})()`;

async function paintedDelays(page: Page, { cameras, seconds }: BrowserDelayOptions): Promise<number[]> {
  const sent = new SentTimes(cameras, 'cam1', 'sub');
  await page.evaluate(WATCH);
  await until('a painted picture', () => page.evaluate('strips.length > 0'), 120_000);
  await sleep(SETTLE);
  sent.start();
  await page.evaluate('strips.length = 0');
  await sleep(seconds * 1000);
  const strips = await page.evaluate<{ at: number; luma: number[] }[]>('strips');
  sent.stop();
  await sent.read();
  const delays = strips.flatMap(({ at, luma }) => {
    const stamp = readFrameStamp(Uint8Array.from(luma), STRIP.width, STRIP.height / STAMP_HEIGHT);
    return stamp === undefined ? [] : (sent.delay(stamp, at) ?? []);
  });
  if (delays.length === 0 || delays.length < strips.length * 0.95)
    throw new Error(`only ${delays.length} of ${strips.length} painted pictures could be read`);
  return delays;
}

/** From making the element to its first painted picture. */
async function joinTimes(page: Page, { joins, longGop }: BrowserDelayOptions): Promise<number[]> {
  const times: number[] = [];
  for (let join = 0; join < joins; join++) {
    await sleep(Math.random() * longGop * 1000);
    times.push(
      await page.evaluate<number>(`new Promise((resolve) => {
        const camera = document.createElement('walleye-camera');
        camera.setAttribute('stream', 'long_sub');
        camera.setAttribute('format', 'mp4');
        const begun = performance.now();
        camera.addEventListener('walleye-painted', () => resolve(performance.now() - begun), { once: true });
        document.body.replaceChildren(camera);
      })`),
    );
  }
  return times;
}
