/** Nine tiles of the page for somebody elsewhere, in Chromium: by the numbers in the pixels that it paints. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, noBrowser, tilesOf } from '../e2e/browser.ts';
import { until } from '../e2e/until.ts';
import { STAMP_CELLS } from '../virtual-camera/frameStamp.ts';
import { readFrameStamp } from '../virtual-camera/index.ts';
import { percentile } from './figures.ts';
import { type MeasureContext, owned } from './measure.ts';
import { MOST_DELAY } from './paintedDelay.ts';
import { SentTimes } from './sentTimes.ts';
import { addCameras, type Cameras, type Daemon, startCameras, startDaemon } from './setUp.ts';

const TILES = 9;
/** Not loopback's own name: the page is to be the one for browsers elsewhere. */
const HOST = 'box.test';
const SETTLE = 8_000;
const OPEN_LIMIT = 120_000;
/** Of the pictures that a camera sent, in the tile that shows the fewest, %. */
const MOST_UNPAINTED = 5;

interface Way {
  name: string;
  player: 'video' | 'canvas';
  /** Run in the page before its own scripts. */
  prepare?: string;
  mostDelay?: number;
}

const WAYS: readonly Way[] = [
  { name: 'MSE', player: 'video', mostDelay: MOST_DELAY },
  {
    name: 'JPEG, MSE and WebCodecs disabled',
    player: 'canvas',
    prepare: 'MediaSource.isTypeSupported = () => false; delete globalThis.VideoDecoder',
  },
];

export async function paintedNine(context: MeasureContext, seconds: number): Promise<void> {
  const { figures, step } = context;
  if (noBrowser) {
    step(`left out: ${noBrowser}`);
    return;
  }
  const cameras = await owned(context, startCameras(TILES, 1, { same: true }));
  const daemon = await owned(context, startDaemon({ allowedHosts: HOST }));
  await addCameras(daemon, cameras);
  await layNine(daemon, cameras);
  const browser = await launchBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  try {
    for (const way of WAYS) {
      step(`${TILES} tiles in Chromium, ${way.name}`);
      const title = `Chromium, ${TILES} tiles, ${way.name}`;
      const { unpainted, delays } = await watch(browser, daemon, cameras, way, seconds);
      figures.add(`${title}: not painted, the worst tile`, unpainted * 100, '%', MOST_UNPAINTED);
      figures.add(`${title}: delay camera → painted, p50`, percentile(delays, 50), 'ms');
      figures.add(`${title}: delay camera → painted, p95`, percentile(delays, 95), 'ms', way.mostDelay);
    }
  } finally {
    await browser.close();
  }
}

async function layNine(daemon: Daemon, { cameras }: Cameras): Promise<void> {
  await daemon.api('PUT', '/api/layouts/nine', {
    tiles: cameras.map(({ id }, i) => ({
      x: (i % 3) / 3,
      y: Math.floor(i / 3) / 3,
      width: 1 / 3,
      height: 1 / 3,
      cameras: [id],
    })),
  });
}

async function watch(browser: Browser, daemon: Daemon, cameras: Cameras, way: Way, seconds: number) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  if (way.prepare !== undefined) await page.addInitScript(way.prepare);
  await page.goto(`http://${HOST}:${daemon.port}/watch/nine`);
  await allLive(page, way);
  await sleep(SETTLE);
  const sent = cameras.cameras.map(({ id }) => new SentTimes(cameras, id, 'sub'));
  for (const times of sent) times.start();
  const from = performance.timeOrigin + performance.now();
  await page.evaluate(WATCH);
  await sleep(seconds * 1000);
  const to = performance.timeOrigin + performance.now();
  const painted = await page.evaluate<{ at: number; luma: number[] }[][]>('rows');
  await page.close();
  for (const times of sent) {
    times.stop();
    await times.read();
  }
  return compared(painted, sent, from, to);
}

/** @throws Error unless every tile is live by the player that the way is about */
async function allLive(page: Page, { name, player }: Way): Promise<void> {
  await until(
    `${TILES} live tiles by ${name}`,
    async () => {
      const tiles = await tilesOf(page);
      return (
        tiles.length === TILES &&
        tiles.every(({ kind, players }) => kind === 'live' && players.length === 1 && players[0] === player)
      );
    },
    OPEN_LIMIT,
  );
}

/** What was painted beside what was sent meanwhile. @throws Error when stamps cannot be read */
function compared(
  painted: readonly { at: number; luma: number[] }[][],
  sent: readonly SentTimes[],
  from: number,
  to: number,
): { unpainted: number; delays: number[] } {
  let unpainted = 0;
  const delays: number[] = [];
  for (const [tile, times] of sent.entries()) {
    const seen = (painted[tile] ?? []).filter(({ at }) => at < to);
    const read = seen.flatMap(({ at, luma }) => {
      // A pixel for each cell; the one row stands for all.
      const stamp = readFrameStamp(Uint8Array.from(luma), STAMP_CELLS, STAMP_CELLS, 0);
      const delay = stamp === undefined ? undefined : times.delay(stamp, at);
      return delay === undefined ? [] : [{ delay, sentAt: at - delay }];
    });
    if (read.length < seen.length * 0.95)
      throw new Error(
        `only ${read.length} of ${seen.length} painted pictures of tile ${tile + 1} could be read`,
      );
    const count = times.count(from, to);
    if (count === 0) throw new Error(`nothing was sent for tile ${tile + 1}`);
    // A picture that comes back after another one is still one picture.
    const pictures = new Set(read.map(({ sentAt }) => Math.round(sentAt)));
    unpainted = Math.max(unpainted, 1 - pictures.size / count);
    delays.push(...read.map(({ delay }) => delay));
  }
  return { unpainted, delays };
}

/**
 * Notes each picture of each tile, as one row of its stamp's cells, when it is there at an animation frame for the first time: on the
 * screen with the next one. In the page.
 */
const WATCH = `(() => {
  const cells = ${STAMP_CELLS};
  const tiles = [...document.querySelectorAll('.tile')].sort((a, b) => a.dataset.position - b.dataset.position);
  const canvas = new OffscreenCanvas(cells, tiles.length);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingEnabled = false; // the middle of each cell
  globalThis.rows = tiles.map(() => []);
  const last = tiles.map(() => '');
  const look = () => {
    const at = performance.timeOrigin + performance.now() + 1000 / 60;
    tiles.forEach((tile, row) => {
      const player = tile.querySelector('.remote.painted :is(video, canvas)');
      if (!player) return;
      const width = player.videoWidth ?? player.width;
      const height = player.videoHeight ?? player.height;
      context.drawImage(player, 0, height / 40, width, 1, 0, row, cells, 1);
    });
    const { data } = context.getImageData(0, 0, cells, tiles.length);
    tiles.forEach((_, row) => {
      const luma = Array.from({ length: cells }, (_, cell) => data[4 * (row * cells + cell) + 1]);
      const bits = luma.map((value) => (value > 127 ? 1 : 0)).join('');
      if (bits === last[row]) return;
      last[row] = bits;
      rows[row].push({ at, luma });
    });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;
