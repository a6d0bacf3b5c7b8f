/** What it costs a browser, and the server, to watch four tiles of one camera. */
import { setTimeout as sleep } from 'node:timers/promises';
import jpeg from 'jpeg-js';
import type { Page } from 'playwright-core';
import { noBrowser } from '../e2e/browser.ts';
import { paintRates } from '../e2e/paintRate.ts';
import { lumaFromRgba, readFrameStamp } from '../virtual-camera/index.ts';
import { browserPid } from './browserPid.ts';
import { coresOf } from './cpu.ts';
import { median } from './figures.ts';
import type { MeasureContext } from './measure.ts';
import { launchForDaemon, openOnDaemon } from './pageOnDaemon.ts';
import { STREAM, type Stage, startR1, VIDEO_PATH } from './watchingStage.ts';

const TILES = 4;
const TILE = { width: 640, height: 360 };
const SETTLE = 5_000;
/** Seconds of looking at images. */
const LOOK = 2;
const STYLE =
  'body{margin:0;background:#000;display:grid;grid-template-columns:640px 640px}' +
  'img,walleye-camera{display:block;width:640px;height:360px}';

interface Way {
  name: string;
  /** What the page holds; a page of the daemon's own address. */
  tiles?: (daemon: string) => string;
  r1?: 'pieces' | 'multipart';
}

const WAYS: readonly Way[] = [
  {
    name: 'M-JPEG in <img>',
    // Another address each, as on the wall: browsers open six connections to one, and fetch one address once.
    tiles: (daemon) =>
      each(
        (i) => `<img class="painted" src="${daemon.replace('127.0.0.1', `127.0.0.${i + 2}`)}${VIDEO_PATH}">`,
      ),
  },
  { name: 'WebSocket, JPEG', tiles: () => player('jpeg') },
  { name: 'WebSocket, the camera’s own video', tiles: () => player('mp4') },
  { name: 'R1’s WebSocket', r1: 'pieces' },
  { name: 'R1’s M-JPEG', r1: 'multipart' },
];

interface Work {
  browser: number;
  server: number;
  /** Pictures a second and tile that were painted; where the page cannot count them, afterwards. */
  rate: number;
}

export async function watchingInBrowser(
  context: MeasureContext,
  stage: Stage,
  passes: number,
): Promise<void> {
  const { figures, step } = context;
  if (noBrowser) {
    step(`left out: ${noBrowser}`);
    return;
  }
  const works = WAYS.map((): Work[] => []);
  for (let pass = 1; pass <= passes; pass++)
    for (const [i, way] of WAYS.entries()) {
      step(`pass ${pass} of ${passes}: ${TILES} tiles in Chromium, ${way.name}`);
      works[i]?.push(await watch(context, stage, way));
    }
  for (const [i, { name }] of WAYS.entries()) {
    const of = (what: (work: Work) => number) => median((works[i] ?? []).map(what));
    const title = `Chromium, ${TILES} tiles, ${name}`;
    figures.add(`${title}: CPU of the browser`, of(({ browser }) => browser) * 100, '% of a core');
    figures.add(`${title}: CPU of the server`, of(({ server }) => server) * 100, '% of a core');
    figures.add(
      `${title}: painted a second`,
      of(({ rate }) => rate),
      'for each',
    );
  }
}

async function watch(context: MeasureContext, { daemon, rtsp, seconds }: Stage, way: Way): Promise<Work> {
  await withoutDecoders(daemon);
  // The pixels of images of other addresses are read when all is counted.
  const browser = await launchForDaemon(['--disable-web-security']);
  try {
    const pid = browserPid();
    const page = await browser.newPage({ viewport: { width: 2 * TILE.width, height: 2 * TILE.height } });
    const r1Options = { decode: 'shared', clients: TILES, profile: 'main', rtsp } as const;
    const r1 = way.r1 && (await startR1(context, r1Options));
    if (r1) await page.goto(`${r1.url}/?kind=${way.r1}&tiles=${TILES}`, { waitUntil: 'commit' });
    else await openOnDaemon(page, daemon.url, STYLE, way.tiles?.(daemon.url) ?? '');
    await moving(page, way.name);
    await sleep(SETTLE);
    const before = await painted(page);
    const begun = performance.now();
    const [own = 0, server = 0] = await coresOf([pid, r1?.pid ?? daemon.pid], () => sleep(seconds * 1000));
    const after = await painted(page);
    const took = (performance.now() - begun) / 1000;
    const rate =
      before === undefined || after === undefined
        ? median(await paintRates(page, 0, TILES, LOOK))
        : (after - before) / TILES / took;
    await r1?.stop();
    return { browser: own, server, rate };
  } finally {
    await browser.close();
  }
}

/** Until nothing is decoded for those before. */
async function withoutDecoders(daemon: Stage['daemon']): Promise<void> {
  for (let waited = 0; waited < 100; waited++) {
    const { renditions } = await daemon.api<{ renditions: unknown[] }>('GET', `/api/streams/${STREAM}`);
    if (renditions.length === 0) return;
    await sleep(200);
  }
}

function each(tile: (i: number) => string): string {
  return Array.from({ length: TILES }, (_, i) => tile(i)).join('');
}

function player(format: string): string {
  const script = '<script type="module" src="/player/walleye-camera.js"></script>';
  return script + each(() => `<walleye-camera stream="${STREAM}" format="${format}"></walleye-camera>`);
}

/** Pictures painted since the page opened; undefined: it cannot tell. */
function painted(page: Page): Promise<number | undefined> {
  return page.evaluate<number | undefined>(`(() => {
    const players = [...document.querySelectorAll('walleye-camera')];
    if (players.length > 0) return players.reduce((sum, { counts }) => sum + counts.painted, 0);
    return globalThis.painted;
  })()`);
}

/** @throws Error unless every tile shows a numbered picture, and another one after a while */
async function moving(page: Page, name: string): Promise<void> {
  const seen = Array.from({ length: TILES }, () => new Set<number>());
  for (let look = 0; look < 100; look++) {
    const { data, width, height } = jpeg.decode(await page.screenshot({ type: 'jpeg', quality: 95 }), {
      useTArray: true,
    });
    const luma = lumaFromRgba(data, width, height);
    for (const [i, stamps] of seen.entries()) {
      const start = Math.floor(i / 2) * TILE.height * width + (i % 2) * TILE.width;
      const stamp = readFrameStamp(luma.subarray(start), TILE.width, TILE.height, width);
      if (stamp !== undefined) stamps.add(stamp);
    }
    if (seen.every(({ size }) => size > 1)) return;
    await sleep(300);
  }
  const sizes = seen.map(({ size }) => size).join(', ');
  throw new Error(`${name}: not all tiles move in the browser (pictures seen: ${sizes})`);
}
