import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { Tile } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, stampsOf, type TileSeen, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const NAMES = ['Front door', 'Loading dock', 'Car park', 'Reception', 'Warehouse 1', 'Warehouse 2'];
const ids = NAMES.map((_, i) => `cam${i + 1}`);

/** Two by two. */
const four = (cameras: readonly string[]): Tile[] =>
  cameras.map((camera, i) => ({
    x: (i % 2) / 2,
    y: Math.floor(i / 2) / 2,
    width: 0.5,
    height: 0.5,
    cameras: [camera],
  }));

/**
 * Between one picture and the next a wall must never be black: somebody is looking. Screenshots are taken as fast as the
 * browser gives them, and each tile on each of them must have a frame stamp that can be read.
 */
describe('no frame without a picture', { skip: noBrowser, timeout: 240_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;

  const tiles = () => tilesOf(page);
  const shows = async (names: readonly string[]) => {
    const seen = await tiles();
    return (
      seen.length === names.length &&
      seen.every(({ name, kind }, i) => kind === 'live' && name === names[i]) &&
      seen
    );
  };
  const putWall = (...sequence: [string, number][]) =>
    daemon.api('PUT', '/api/wall', {
      sequence: sequence.map(([layout, dwell_seconds]) => ({ layout, dwell_seconds })),
    });
  /** Takes screenshots until `done`; each tile that is to be seen must show a stamp on each of them. */
  const watch = async (done: () => Promise<boolean>, limit = 30_000) => {
    const end = performance.now() + limit;
    let shots = 0;
    let finished = false;
    while (!finished) {
      assert.ok(performance.now() < end, 'it never came to an end');
      finished = await done();
      // The tiles may be others by the time of the screenshot: what counts is that one of the two views fits it.
      const before = await tiles();
      const visible = (seen: TileSeen[]) => {
        const full = seen.filter((tile) => tile.full);
        return full.length > 0 ? full : seen;
      };
      const stampsBefore = await stampsOf(page, visible(before));
      shots++;
      if (stampsBefore.every((stamp) => stamp !== undefined)) continue;
      const afterwards = visible(await tiles());
      const moved = JSON.stringify(afterwards) !== JSON.stringify(visible(before));
      assert.ok(
        moved,
        `screenshot ${shots}: ${JSON.stringify(stampsBefore)} of ${visible(before).length} tiles`,
      );
    }
    return shots;
  };

  /** Whether there is something to see in the middle of the screen: an alarm's mark covers the frame stamp. */
  const pictureSeen = async () => {
    const { width, height, data } = jpeg.decode(await page.screenshot({ type: 'jpeg' }), { useTArray: true });
    let bright = 0;
    for (let y = height / 4; y < (3 * height) / 4; y += 8)
      for (let x = width / 4; x < (3 * width) / 4; x += 8)
        if ((data[(Math.floor(y) * width + Math.floor(x)) * 4 + 1] ?? 0) > 40) bright++;
    return bright > (width * height) / 4 / 64 / 4;
  };

  before(async () => {
    cameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name })) });
    daemon = await startDaemon();
    for (const [i, camera] of cameras.cameras.entries()) {
      await daemon.api('POST', '/api/cameras', {
        id: ids[i],
        name: camera.name,
        streams: (['main', 'sub'] as const).map((profile) => ({
          profile,
          rtsp_url: camera.rtspUrl(profile),
          keep_warm: false,
        })),
      });
    }
    await daemon.api('PUT', '/api/layouts/four', { tiles: four(ids.slice(0, 4)) });
    await daemon.api('PUT', '/api/layouts/other', { tiles: four([...ids.slice(4), ...ids.slice(0, 2)]) });
    await putWall(['four', 3600]);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.addInitScript(`{
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
          if (hadRecentInput) continue;
          shifts.push({ value, nodes: sources.map(({ node }) => node?.nodeName + '.' + node?.className) });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    }`);
    await page.goto(daemon.url);
    await until('four live tiles', () => shows(NAMES.slice(0, 4)));
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('goes to full screen on the main stream, to the next camera and back', async (t) => {
    const fullFrom = (width: number, name: string) => async () => {
      const [seen] = (await tiles()).filter((tile) => tile.full);
      return seen?.name === name && seen.width === width;
    };
    let shots = 0;
    await page.keyboard.press('3');
    shots += await watch(fullFrom(1280, 'Car park'));
    await page.keyboard.press('ArrowRight');
    shots += await watch(fullFrom(1280, 'Reception'));
    await page.keyboard.press('Escape');
    shots += await watch(async () => (await shows(NAMES.slice(0, 4))) !== false);
    t.diagnostic(`${shots} screenshots`);
    assert.ok(shots >= 6);
  });

  it('turns to the next layout of the sequence', async (t) => {
    const next = [...NAMES.slice(4), ...NAMES.slice(0, 2)];
    await putWall(['four', 6], ['other', 3600]);
    const shots = await watch(async () => (await shows(next)) !== false);
    t.diagnostic(`${shots} screenshots`);
    const opened = await page.evaluate<number>('document.images.length');
    assert.ok(opened >= 4);
    // Nothing that was opened ahead stays open.
    await until('four pictures', async () => (await page.evaluate('document.images.length')) === 4);
  });

  it('says that a camera is away, and takes that back when it is there again', async () => {
    const camera = cameras.cameras[4]!;
    await camera.fault({ refuse: true });
    await until('the line at the bottom', async () =>
      (await page.locator('.problems').textContent())?.includes(`${camera.name}: offline since`),
    );
    await camera.clearFaults();
    await until('the camera’s return', async () => (await tiles()).every(({ kind }) => kind === 'live'));
    await until('the line to vanish', async () => (await page.locator('.problems').count()) === 0);
  });

  it('puts an alarm over the screen and takes it away', async () => {
    const alarm = await daemon.api<{ id: string }>('POST', '/api/alarms', {
      camera: ids[0],
      topic: 'motion',
      action: 'full_screen',
      hold_seconds: 60,
    });
    await until('the alarm over the screen', async () => {
      assert.ok(await pictureSeen(), 'black');
      return (await tiles()).some(({ full, width }) => full && width === 1280);
    });
    await daemon.api('DELETE', `/api/alarms/${alarm.id}`);
    await watch(async () => (await tiles()).every(({ full }) => !full));
  });

  it('has moved no tile and no picture in all that, but what somebody’s key moved', async (t) => {
    const shifts = await page.evaluate<{ value: number; nodes: string[] }[]>('shifts');
    // Words that are replaced by longer ones, in the middle of a tile, count for a thousandth or two.
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    t.diagnostic(`${sum.toFixed(4)}: ${JSON.stringify(shifts)}`);
    for (const { nodes } of shifts)
      for (const node of nodes) assert.doesNotMatch(node, /^(DIV|IMG|FOOTER|TIME)/);
    assert.ok(sum < 0.02, String(sum));
  });
});
