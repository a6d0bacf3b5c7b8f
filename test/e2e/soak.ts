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
}

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
    const browser = await launchBrowser();
    stops.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(daemon.url);
    await until('the first layout', async () => (await tilesOf(page)).some(({ kind }) => kind === 'live'));
    return await run(page, seconds, every, tell);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function run(
  page: Page,
  seconds: number,
  every: number,
  tell: (sample: PageCost) => void,
): Promise<Soak> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const begin = performance.now();
  const result: Soak = { samples: [], swaps: 0, turns: 0 };
  let nextSample = every;
  let shown = 0;
  for (let at = 0; at < seconds; at = (performance.now() - begin) / 1000) {
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
    if (at < nextSample) continue;
    nextSample += every;
    for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((entry) => entry.name === name)?.value ?? Number.NaN;
    const sample = {
      at: Math.round(at),
      heap: metric('JSHeapUsedSize'),
      nodes: metric('Nodes'),
      listeners: metric('JSEventListeners'),
    };
    result.samples.push(sample);
    tell(sample);
  }
  return result;
}

if (import.meta.main) {
  const minutes = Number(process.argv[2] ?? 10);
  const { samples, swaps, turns } = await soak(minutes * 60, 30, ({ at, heap, nodes, listeners }) =>
    console.log(`${at} s: ${(heap / 1e6).toFixed(2)} MB, ${nodes} nodes, ${listeners} listeners`),
  );
  // The heap grows while V8 compiles and fills its caches: what counts begins at a sixth of the time, minute 5 of 30.
  const early = samples[Math.floor(samples.length / 6)];
  const last = samples.at(-1);
  if (early && last) {
    const growth = ((last.heap - early.heap) / early.heap) * 100;
    console.log(`${swaps} swaps, ${turns} turns; heap ${growth.toFixed(1)} % since second ${early.at}`);
  }
}
