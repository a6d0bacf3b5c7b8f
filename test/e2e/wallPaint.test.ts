import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, stampsOf, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const NAMES = ['Front door', 'Car park'];

/** The page proves what it paints, and mends what stands still although it is sent. */
describe('what the wall really paints', { skip: noBrowser, timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;
  interface Painted {
    type: string;
    visible: boolean;
    tiles: { viewer: string; hash: number | null; same_ms: number }[];
  }
  const said: Painted[] = [];

  const live = () =>
    until('two live tiles', async () => {
      const seen = await tilesOf(page);
      return seen.length === 2 && seen.every(({ kind }) => kind === 'live') && seen;
    });
  /** Every look that the first tile had from now on, and when, in the page itself: no look is missed. */
  const record = () =>
    page.evaluate(`{
      const tile = document.querySelector('[data-position="0"]');
      const begin = performance.now();
      globalThis.looks = [];
      globalThis.observer?.disconnect();
      globalThis.observer = new MutationObserver(() => {
        looks.push({ kind: tile.dataset.kind, at: performance.now() - begin });
      });
      observer.observe(tile, { attributes: true, attributeFilter: ['data-kind'] });
    }`);
  const looks = () => page.evaluate<{ kind: string; at: number }[]>('globalThis.looks');
  const moves = async () => {
    const seen = await live();
    const [first] = await stampsOf(page, seen);
    await until('the first tile to move', async () => {
      const [stamp] = await stampsOf(page, seen);
      return stamp !== undefined && stamp !== first;
    });
  };

  before(async () => {
    cameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name })) });
    daemon = await startDaemon();
    for (const camera of cameras.cameras) {
      await daemon.api('POST', '/api/cameras', {
        name: camera.name,
        streams: [{ profile: 'sub', rtsp_url: camera.rtspUrl('sub'), keep_warm: false }],
      });
    }
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 360 } });
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => said.push(JSON.parse(String(payload)) as Painted)),
    );
    await page.goto(daemon.url);
    await live();
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('tells the daemon once a second what each tile paints', async () => {
    const reports = await until('four reports', () => {
      const full = said.filter(
        ({ type, tiles }) =>
          type === 'painted' && tiles.length === 2 && tiles.every(({ hash }) => hash !== null),
      );
      return full.length >= 4 && full.slice(-4);
    });
    assert.ok(reports.every(({ visible }) => visible));
    const [first] = reports[0]!.tiles;
    const hashes = reports.map(({ tiles }) => tiles.find(({ viewer }) => viewer === first?.viewer)?.hash);
    assert.ok(hashes.every((hash) => Number.isInteger(hash)));
    assert.ok(new Set(hashes).size > 1, `moving pictures have one hash: ${hashes.join()}`);
    assert.ok(reports.flatMap(({ tiles }) => tiles).every(({ same_ms }) => same_ms < 3_000));
  });

  it('opens a picture again that was put in the place of a live one, within five seconds', async () => {
    await record();
    await page.evaluate(`{
      const image = document.querySelector('[data-position="0"] img.painted');
      image.src = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
      globalThis.brokenAt = performance.now();
    }`);
    const took = await page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        const image = document.querySelector('[data-position="0"] img.painted');
        if (image.src.startsWith('http')) resolve(performance.now() - brokenAt);
        else requestAnimationFrame(look);
      };
      look();
    })`);
    assert.ok(took < 5_000, `${took} ms`);
    await moves();
  });

  it('says so and mends it when a picture stands still although the daemon’s connection is fed', async () => {
    await record();
    // The daemon goes on sending to that viewer, into an image that is not on the page.
    await page.evaluate(`{
      const image = document.querySelector('[data-position="0"] img.painted');
      const still = document.createElement('canvas');
      still.width = 640;
      still.height = 360;
      globalThis.fedElsewhere = new Image();
      fedElsewhere.crossOrigin = 'anonymous';
      fedElsewhere.src = image.src;
      image.src = still.toDataURL();
      globalThis.brokenAt = performance.now();
    }`);
    await until('the repaired picture', async () => (await looks()).at(-1)?.kind === 'live');
    const seen = await looks();
    const told = seen.find(({ kind }) => kind === 'notPainted');
    assert.ok(told, `never told: ${JSON.stringify(seen)}`);
    assert.ok(told.at < 5_000, `told after ${told.at} ms`);
    await moves();
    await page.evaluate(`{ fedElsewhere.src = ''; }`);
  });
});
