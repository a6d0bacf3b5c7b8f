/**
 * What the wall’s page costs over time: rotates layouts and swaps full screen, and compares heap and DOM with those of
 * the beginning. By hand: node test/e2e/soak.ts MINUTES
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Tile } from '../../daemon/schema.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';
import { startVirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, tilesOf } from './browser.ts';
import { startDaemon } from './daemon.ts';
import { type HeapParts, heapParts } from './heapParts.ts';
import { until } from './until.ts';

export interface PageCost {
  /** Seconds since the page was loaded. */
  at: number;
  /** Bytes of JavaScript in use after a collection. */
  heap: number;
  /** DOM nodes, those out of the document too. */
  nodes: number;
  listeners: number;
}

export interface Soak {
  samples: PageCost[];
  /** Full-screen swaps made. */
  swaps: number;
  /** Layouts that the wall turned to by itself. */
  turns: number;
  /** The heap taken apart at a sixth of the time and at the end, with the same layout on the wall. Seconds. */
  early: (HeapParts & { at: number }) | undefined;
  last: (HeapParts & { at: number }) | undefined;
}

/**
 * The kiosk's: nothing on this page is worth optimizing, and what V8 compiles goes on growing for half an hour. With them the
 * renderer needs less memory and less CPU.
 */
const KIOSK_ARGS = ['--js-flags=--no-opt,--no-maglev'];
const CAMERAS = 9;
const DWELL = 4;

/**
 * @param seconds how long
 * @param every seconds between two samples
 */
export async function soak(
  seconds: number,
  every: number,
  tell: (sample: PageCost) => void = () => {},
): Promise<Soak> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const names = Array.from({ length: CAMERAS }, (_, i) => `Camera ${i + 1}`);
    const cameras = await startVirtualCameras({ cameras: names.map((name) => ({ name })) });
    stops.push(() => cameras.close());
    const daemon = await startDaemon();
    stops.push(() => daemon.stop());
    const ids: string[] = [];
    for (const camera of cameras.cameras) {
      const { id } = await daemon.api<{ id: string }>('POST', '/api/cameras', {
        name: camera.name,
        streams: (['main', 'sub'] as const).map((profile) => ({
          profile,
          rtsp_url: camera.rtspUrl(profile),
          keep_warm: false,
        })),
      });
      ids.push(id);
    }
    const grid = (own: readonly string[]): Tile[] =>
      evenGrid(own.length, 16 / 9).map((rect, i) => ({ ...rect, cameras: [own[i]!] }));
    const layouts: Record<string, Tile[]> = {
      nine: grid(ids),
      four: grid(ids.slice(0, 4)),
      others: grid(ids.slice(3, 9)),
    };
    for (const [name, tiles] of Object.entries(layouts)) {
      await daemon.api('PUT', `/api/layouts/${name}`, { tiles });
    }
    await daemon.api('PUT', '/api/wall', {
      sequence: Object.keys(layouts).map((layout) => ({ layout, dwell_seconds: DWELL })),
    });
    const browser = await launchBrowser(KIOSK_ARGS);
    stops.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(daemon.url);
    await until('the first layout', async () => (await tilesOf(page)).some(({ kind }) => kind === 'live'));
    return await run(page, seconds, every, tell);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** The heap's growth counts from here: V8 compiles and fills its caches in the beginning. Minute 5 of 30. */
const EARLY = 1 / 6;
/** Turns that are waited for until the wall shows as many tiles as when the heap was taken apart first. */
const MOST_TURNS = 9;

async function run(
  page: Page,
  seconds: number,
  every: number,
  tell: (sample: PageCost) => void,
): Promise<Soak> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const begin = performance.now();
  const result: Soak = { samples: [], swaps: 0, turns: 0, early: undefined, last: undefined };
  const passed = () => (performance.now() - begin) / 1000;
  let nextSample = every;
  let shown = 0;
  let comparable = 0;
  const round = async () => {
    // Held while in full screen: some seconds of each, so that both happen.
    await page.keyboard.press('1');
    await sleep(900);
    await page.keyboard.press('ArrowRight');
    await sleep(900);
    await page.keyboard.press('Escape');
    result.swaps += 2;
    await sleep(DWELL * 1000 + 1500);
    const count = (await tilesOf(page)).length;
    if (count !== shown) result.turns++;
    shown = count;
  };
  while (passed() < seconds) {
    await round();
    if (passed() < nextSample) continue;
    nextSample += every;
    for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((entry) => entry.name === name)?.value ?? Number.NaN;
    const sample = {
      at: Math.round(passed()),
      heap: metric('JSHeapUsedSize'),
      nodes: metric('Nodes'),
      listeners: metric('JSEventListeners'),
    };
    result.samples.push(sample);
    tell(sample);
    if (!result.early && passed() >= seconds * EARLY) {
      result.early = { ...(await heapParts(session)), at: sample.at };
      comparable = shown;
    }
  }
  for (let turn = 0; turn < MOST_TURNS && shown !== comparable; turn++) await round();
  result.last = { ...(await heapParts(session)), at: Math.round(passed()) };
  return result;
}

if (import.meta.main) {
  const minutes = Number(process.argv[2] ?? 10);
  const { samples, swaps, turns, early, last } = await soak(
    minutes * 60,
    30,
    ({ at, heap, nodes, listeners }) =>
      console.log(`${at} s: ${megabytes(heap)}, ${nodes} nodes, ${listeners} listeners`),
  );
  console.log(`${swaps} swaps, ${turns} turns`);
  if (early && last) {
    // Three samples each: the layouts in turn differ.
    const from = samples.findIndex(({ at }) => at >= early.at);
    const mean = (some: PageCost[]) => some.reduce((sum, { heap }) => sum + heap, 0) / some.length;
    const rows = [
      ['heap', mean(samples.slice(from, from + 3)), mean(samples.slice(-3))],
      ['  compiled code', early.code, last.code],
      ['  all else', early.rest, last.rest],
    ] as const;
    for (const [what, before, after] of rows) {
      const growth = ((after - before) / before) * 100;
      console.log(
        `${what}: ${megabytes(before)} at ${early.at} s, ${megabytes(after)} at ${last.at} s, ${growth.toFixed(1)} %`,
      );
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
